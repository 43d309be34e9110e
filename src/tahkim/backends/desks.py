"""What every annotation tool is to us: a place with a desk for each annotator.

A desk holds exactly the documents that its annotator was given, each blind or with a suggestion, and nobody else's
work. So assignment, overlap and independence are ours to decide, whatever the tool knows of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from threading import Event
from typing import Any, NamedTuple, Protocol

from msgspec import Struct
from msgspec.structs import replace

from tahkim.model import Annotation, Document, Relation, Scope, Span, Status
from tahkim.provenance import CARRIED, UNFILLED
from tahkim.schema import Schema

_MARK = re.compile(r"tahkim:([0-9a-f]+):(.*)\Z", re.DOTALL)


class Account(NamedTuple):
    """Somebody's way into a tool. A tool that was joined without us knows no password here, or no token."""

    user: str
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"Account({self.user})"


class Desk(NamedTuple):
    """A remote project of one annotator. `id` is the tool's; `url` is where a person finds it."""

    annotator: str
    id: str
    url: str


class Item(NamedTuple):
    """What is put on a desk: a document, what it starts from (None: blind), or the annotator's own earlier work.

    `others` are further readings to look at, by the names they bear; `note` is what is said above the text, and
    `question` what is asked there, with room for an answer.
    """

    document: Document
    suggestion: Annotation | None = None
    work: Annotation | None = None
    others: tuple[Annotation, ...] = ()
    note: str = ""
    question: str = ""


class Reading(NamedTuple):
    """What a desk holds of one document.

    `annotation` is what can be read of it, `problems` what cannot, and `raw` all of it as it came: a value, or
    `msgspec.Raw` for its JSON. `url` is where a person mends it, `document` as the tool has it, and `answer` what the
    annotator said to the questions asked there.
    """

    document: Document
    annotation: Annotation
    problems: tuple[str, ...] = ()
    raw: Any = None
    url: str = ""
    answer: str = ""


class Finding(NamedTuple):
    """One thing that was looked at: what, whether it is right, and what is the case or to be done."""

    what: str
    right: bool
    detail: str


class Setting(Struct, frozen=True):
    """What desks are made for: a schema, and the profile of it that annotators are asked for."""

    schema: Schema
    profile: str

    @property
    def scope(self) -> Scope:
        """What annotators are asked for."""
        return self.schema.profile(self.profile)

    @property
    def labels_with_attributes(self) -> frozenset[str]:
        """Labels that annotators are asked attributes of."""
        asks = self.scope.asks_attribute
        return frozenset(name for name in self.schema.labels if any(map(asks, self.schema.attributes_of(name))))


class Backend(Protocol):
    """An annotation tool. Calls that write may be repeated: what is there already is left as it is.

    Every call raises ServerError when the server cannot be reached, refuses, or answers nonsense.
    """

    tool: str
    address: str
    admin: Account
    holds_attributes: bool
    holds_keys: Collection[str] | None
    """Keys beside the model's own that come back from it, such as notes; None: all."""
    holds_statuses: Collection[Status]
    """The status that work brought to a desk may have."""
    adjudicates: bool
    """Whether several readings can be shown on a desk, for a lead to make one of them."""

    def close(self) -> None:
        """Let go of connections."""

    def check(self) -> list[Finding]:
        """Whether the server answers, is of a version we know, and lets us do what we must."""

    def desks(self, project: str) -> list[Desk]:
        """The desks of a project of ours, by its id."""

    def foreign(self, remote: str) -> Desk:
        """A remote project that is no desk of ours, by the tool's id of it; its `annotator` is empty."""

    def account(self, annotator: str, known: Account | None) -> Account:
        """The annotator's account, made if there is none; `known` is what we kept of it."""

    def open(self, project: str, title: str, annotator: str, account: Account, setting: Setting) -> Desk:
        """The annotator's desk, made if there is none, with the account as member; what an earlier call that died
        left half done on it is mended."""

    def remove(self, desk: Desk) -> None:
        """Take a desk away with all that is on it."""

    def losses(self, desk: Desk, setting: Setting) -> list[str] | None:
        """What a new configuration would lose of the work on a desk; None where the desk has that configuration."""

    def configure(self, desk: Desk, setting: Setting) -> None:
        """Give the desk the configuration of a setting."""

    def held(self, desk: Desk) -> dict[str, str]:
        """The documents on a desk: sha256 of the text by document id."""

    def add(self, desk: Desk, items: Iterable[Item], setting: Setting, account: Account) -> None:
        """Put documents that are not there yet on a desk, in this order, each exactly once."""

    def readings(self, desk: Desk, setting: Setting) -> Iterator[Reading]:
        """What the desk holds of each document that was worked on, in the order of the desk."""

    def state(self, desk: Desk) -> object:
        """What is another value once work on the desk is, for less than reading it all; None where the tool has nothing
        of the kind. A change within a draft may not show."""

    def told(self, projects: Sequence[str]) -> AbstractContextManager[Event]:
        """An event that is set whenever something changed on desks of these; never, where the tool tells nobody."""

    def ask(self, desk: Desk, doc_id: str, questions: Sequence[str]) -> None:
        """Show the annotator these questions on a document, each once, as work to be done again where the tool can."""

    def submit(self, desk: Desk, item: Item, setting: Setting, account: Account) -> None:
        """Enter `item.work` as the annotator would, in place of what the annotator had submitted before."""


def mark(project: str, annotator: str) -> str:
    """What stands in the description of a desk's remote project, by which it is found again."""
    return f"tahkim:{project}:{annotator}"


def marked(description: str, project: str) -> str | None:
    """The annotator of a remote project with this description, None if it is no desk of the project.

    >>> marked("Desk of amal. " + mark("a1b2", "amal"), "a1b2")
    'amal'
    """
    found = _MARK.search(description or "")
    return found[2] if found is not None and found[1] == project else None


def shortened(title: str, longest: int) -> str:
    """A title that the tool takes; what is cut off shows as an ellipsis."""
    return title if len(title) <= longest else title[: longest - 1] + "…"


def missing(items: Iterable[Item], held: Mapping[str, str]) -> list[Item]:
    """The items whose documents are not on a desk yet."""
    return [item for item in items if item.document.id not in held]


def within(annotation: Annotation, setting: Setting, attributes: bool = True) -> Annotation:
    """The part of an annotation that annotators are asked for; without `attributes` no attribute either.

    A relation goes with its spans.
    """
    scope = setting.scope

    def asked(given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        return {n: v for n, v in given.items() if attributes and n in known and scope.asks_attribute(n)}

    def trimmed(span: Span) -> Span:
        return replace(span, attributes=asked(span.attributes, setting.schema.attributes_of(span.label)))

    def tied(relation: Relation) -> Relation:
        return replace(
            relation, attributes=asked(relation.attributes, setting.schema.relation_attributes_of(relation.label))
        )

    spans = tuple(
        trimmed(s) for s in annotation.spans if s.label in setting.schema.labels and scope.asks_label(s.label)
    )
    ids = {span.id for span in spans}
    relations = tuple(
        tied(r)
        for r in annotation.relations
        if r.label in setting.schema.relations and scope.asks_relation(r.label) and {r.head, r.tail} <= ids
    )
    of_document = asked(annotation.attributes, setting.schema.document_attributes)
    return replace(annotation, spans=spans, relations=relations, attributes=of_document)


def outside(annotation: Annotation, kept: Annotation, keys: Collection[str] | None = None) -> list[str]:
    """What of an annotation is not in the part of it that was kept, one line each; keys beside the model's own are
    kept where they are among `keys` (None: all)."""

    def beside(extra: Mapping[str, Any]) -> list[str]:
        return [f"{n}: {v}" for n, v in extra.items() if keys is not None and n not in (*keys, CARRIED, UNFILLED)]

    lost = []
    for kind in ("spans", "relations"):
        there = {mark.id: mark for mark in getattr(kept, kind)}
        for each in getattr(annotation, kind):
            name = f"{kind[:-1]} {each.id} {each.label}"
            if each.id not in there:
                lost.append(name)
                continue
            gone = {n: v for n, v in each.attributes.items() if n not in there[each.id].attributes}
            lost += [f"{name}: {n}={v}" for n, v in gone.items()] + [f"{name}: {line}" for line in beside(each.extra)]
    lost += [f"document: {n}={v}" for n, v in annotation.attributes.items() if n not in kept.attributes]
    return lost + beside(annotation.extra)
