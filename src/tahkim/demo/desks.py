"""The sample's annotators at work in a real tool: desks pushed, work entered as those users, and pulled again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from shlex import quote

from msgspec.structs import replace

from tahkim import assign, servers
from tahkim.assign import Arm, Design
from tahkim.backends.desks import Backend, Item, Setting, within
from tahkim.clock import now
from tahkim.model import Annotation, Corpus, Span
from tahkim.project import Project
from tahkim.workflow import desks, pulling, pushing

Say = Callable[[str], None]


def through(project: Project, tool: str, corpus: Corpus, say: Say) -> list[tuple[str, str, str]]:
    """Have the readings of a corpus entered by their annotators in a tool's own server, started for the project.

    For each stage its name, what came of it, and where. A second time it finds everything done.
    """
    server = servers.up(tool, project.folder, say)
    design = _design_of(corpus)
    project.store.set(desks.DESIGN, assign.to_record(design))
    with desks.back_end(project, tool) as backend:
        pushed = pushing.push(project, backend, say)
        entered = _enter(project, backend, corpus, say)
        pulled = pulling.pull(project, backend)
    say(f"the server goes on running: stop it with tahkim down {tool} --project {quote(str(project.folder))}")
    documents = sum(each.added + each.there for each in pushed)
    rows = [
        ("push", f"{documents} documents on {len(pushed)} desks", f"{server.url}, user {server.user}"),
        ("annotate", f"{entered} readings entered by their annotators", server.url),
        (
            "pull",
            f"{sum(each.new for each in pulled)} new readings, {_problems(pulled)}",
            f"the store of {project.folder}",
        ),
    ]
    if not backend.holds_attributes:
        rows.append(("fill", f"{_fill(project, corpus)} readings given the attributes that {tool} cannot hold", ""))
    return rows


def _problems(pulled: Sequence[pulling.Pulled]) -> str:
    found = [problem for each in pulled for problem in each.problems]
    return f"{len(found)} problems: {found[0]}" if found else "none invalid"


def _design_of(corpus: Corpus) -> Design:
    """The design that the sample was annotated by."""
    given: dict[str, dict[str, Arm]] = {}
    for annotation in corpus.annotations:
        given.setdefault(annotation.doc_id, {})[annotation.annotator] = "shown" if annotation.started_from else "blind"
    people = tuple(sorted({annotation.annotator for annotation in corpus.annotations}))
    return Design(annotators=people, per_document=len(people), given=given)


def _enter(project: Project, backend: Backend, corpus: Corpus, say: Say) -> int:
    setting = Setting(project.schema, project.schema.default_profile)
    accounts = desks.Accounts(project, backend)
    entered = 0
    for desk in sorted(backend.desks(project.store.project_id)):
        mine = [a for a in corpus.annotations if a.annotator == desk.annotator and a.votes]
        say(f"{desk.annotator} annotates {len(mine)} reports")
        for annotation in mine:
            work = within(annotation, setting, backend.holds_attributes)
            item = Item(corpus.documents[annotation.doc_id], None, work)
            backend.submit(desk, item, setting, accounts.of(desk.annotator))
        entered += len(mine)
    return entered


def _fill(project: Project, corpus: Corpus) -> int:
    """What a lead does after doccano: give spans and relations the attributes they lack."""
    wanted = {(a.doc_id, a.annotator): a for a in corpus.annotations}
    taken = [a for a in project.store.annotations() if a.votes and (a.doc_id, a.annotator) in wanted]
    filled = list(_filled(taken, wanted))
    return project.store.add_annotations(filled, {"lead": "attributes"}, now()).revised


def _filled(taken: Sequence[Annotation], wanted: dict[tuple[str, str], Annotation]) -> Iterator[Annotation]:
    def place(span: Span) -> tuple[int, int, str]:
        return span.start, span.end, span.label

    for annotation in taken:
        full = wanted[annotation.doc_id, annotation.annotator]
        spans = {place(span): span.attributes for span in full.spans}
        theirs = {span.id: place(span) for span in full.spans}
        arcs = {(r.label, theirs[r.head], theirs[r.tail]): r.attributes for r in full.relations}
        ends = {span.id: place(span) for span in annotation.spans}
        yield replace(
            annotation,
            attributes=full.attributes,
            spans=tuple(replace(s, attributes=spans.get(place(s), {}), extra={}) for s in annotation.spans),
            relations=tuple(
                replace(r, attributes=arcs.get((r.label, ends[r.head], ends[r.tail]), {}), extra={})
                for r in annotation.relations
            ),
        )
