"""Ways that drop, delay, truncate and refuse: real servers behind a proxy that misbehaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from msgspec.structs import replace

from proxy import FAULTS, Proxy, moody
from tahkim import project as projects
from tahkim import schema as schemas
from tahkim.access import Access
from tahkim.assign import Design
from tahkim.backends import connect
from tahkim.backends.desks import Backend, Item, Setting
from tahkim.backends.doccano import Doccano
from tahkim.backends.label_studio import LabelStudio
from tahkim.backends.patience import LATE, PAUSES, Fault, LostError, looking, patiently
from tahkim.errors import ServerError
from tahkim.model import Annotation, Document, Span
from tahkim.project import Project
from tahkim.servers import Running
from tahkim.workflow import desks as work
from tahkim.workflow import pulling, pushing
from tools import access_to, on_desk

CORE = Setting(schemas.load(), "core")


@pytest.fixture(params=["label-studio", "doccano"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Proxy, Access]]:
    """A bad way to a real server, and a good one. All time is a tenth: what is late is so by less than we wait."""
    monkeypatch.setattr("tahkim.backends.patience.sleep", lambda seconds: sleep(seconds / 10))
    server: Running = request.getfixturevalue(f"{request.param.replace('-', '_')}_server")
    with moody(server.url, seed=7, share=0.2) as proxy:
        yield proxy, access_to(server)
    assert set(proxy.suffered) == set(FAULTS), proxy.suffered


def document(number: int) -> Document:
    return Document(id=f"d{number:02}", text=f"قصف 😀 مدينة {number}")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Forty short documents with a suggestion each, given out to two."""
    projects.init(tmp_path)
    with projects.open_project(tmp_path) as opened:
        documents = [document(number) for number in range(40)]
        opened.store.add_documents(documents)
        found = [Annotation(doc_id=d.id, annotator="rules@1", spans=(Span("s1", 0, 3, "SHELLING"),)) for d in documents]
        opened.store.add_annotations(found, {}, "2026-01-01T00:00:00Z")
        work.assign_documents(opened, Design(annotators=("amal", "basil")))
        yield opened


def until_done(step: Callable[[], Any]) -> Any:
    """What a person does whose server is unwell: the same again."""
    for _ in range(30):
        try:
            return step()
        except ServerError:
            continue
    raise AssertionError("thirty times was not enough")


def test_a_way_that_fails_doubles_and_loses_nothing(project: Project, ways: tuple[Proxy, Access]) -> None:
    proxy, access = ways
    with closing(connect(replace(access, url=proxy.url))) as suffering, closing(connect(access)) as calm:
        until_done(lambda: pushing.push(project, suffering, lambda line: None))
        # What the proxy gave up on may have been done since: the next push sees it.
        proxy.settle()
        until_done(lambda: pushing.push(project, suffering, lambda line: None))
        proxy.settle()
        desks = calm.desks(project.store.project_id)
        assert sorted(desk.annotator for desk in desks) == ["amal", "basil"]
        documents = {d.id: d for d in project.store.documents()}
        accounts = work.Accounts(project, calm)
        for desk in desks:
            assert on_desk(calm, desk) == sorted(documents)
            suggested = [(len(r.annotation.spans), r.document.id) for r in calm.readings(desk, CORE)]
            assert calm.tool == "label-studio" or sorted(suggested) == [(1, doc_id) for doc_id in sorted(documents)]
            for number in range(8):
                doc_id = f"d{number:02}"
                done = Annotation(doc_id=doc_id, annotator=desk.annotator, spans=(Span("s1", 6, 11, "LOC"),))
                item = Item(documents[doc_id], None, done)
                account = accounts.of(desk.annotator)
                until_done(lambda desk=desk, item=item, account=account: suffering.submit(desk, item, CORE, account))
        proxy.settle()
        until_done(lambda: pulling.pull(project, suffering))
        for name in ("amal", "basil"):
            taken = [a for a in project.store.annotations(annotator=name) if a.votes]
            assert [(a.doc_id, [(s.start, s.end, s.label) for s in a.spans]) for a in taken] == [
                (f"d{number:02}", [(6, 11, "LOC")]) for number in range(8)
            ]
            assert all(len(project.store.revisions(a.doc_id, name)) == 1 for a in taken)
        with closing(connect(access)) as unaware:
            for desk in desks:
                # An import that was carried out after the last look: a push that knows nothing of it takes it away.
                unaware.add(
                    desk, [Item(documents[doc_id], None, None) for doc_id in sorted(documents)], CORE, calm.admin
                )
                assert on_desk(calm, desk) == sorted(documents)
                kept = [r.document.id for r in calm.readings(desk, CORE) if r.annotation.status == "submitted"]
                assert sorted(kept) == [f"d{number:02}" for number in range(8)]
        for desk in desks:
            calm.remove(desk)


# Patience by itself.


def _fault(error: Exception) -> Fault | None:
    return error.args[0] if error.args and isinstance(error.args[0], Fault) else None


class _Script:
    """A call that fails as written, then answers."""

    def __init__(self, *faults: Fault | Exception) -> None:
        self._faults = list(faults)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self._faults:
            fault = self._faults.pop(0)
            raise fault if isinstance(fault, Exception) else RuntimeError(fault)
        return "answer"


def test_passing_faults_are_waited_out_with_growing_pauses(no_waiting: Callable[[], list[float]]) -> None:
    call = _Script(Fault("broke"), Fault("busy", 429, after=3.0), Fault("bad gateway", 502))
    assert patiently(call, _fault, repeatable=True) == "answer"
    assert no_waiting() == [PAUSES[0], 3.0, PAUSES[2]]


def test_a_server_that_stays_away_is_named_in_the_end(no_waiting: Callable[[], list[float]]) -> None:
    call = _Script(*[Fault("http://x: no server answers there", sent=False)] * 20)
    with pytest.raises(ServerError) as caught:
        patiently(call, _fault, repeatable=False)
    assert str(caught.value) == "http://x: no server answers there (tried 7 times)"
    assert no_waiting() == list(PAUSES)


@pytest.mark.parametrize("fault", [Fault("broke"), Fault("bad gateway", 502), Fault("timed out", 504)])
def test_what_may_have_been_done_is_not_sent_again(fault: Fault, no_waiting: Callable[[], list[float]]) -> None:
    call = _Script(fault)
    with pytest.raises(LostError) as caught:
        patiently(call, _fault, repeatable=False)
    assert str(caught.value) == f"{fault.message}: it is not known whether that was done"
    assert (call.calls, no_waiting()) == (1, [])


def test_a_refusal_is_final_and_a_stranger_error_passes_through() -> None:
    with pytest.raises(ServerError, match=r"\Aanswers 400: no\Z"):
        patiently(_Script(Fault("answers 400: no", 400)), _fault, repeatable=True)
    with pytest.raises(ZeroDivisionError):
        patiently(_Script(ZeroDivisionError()), _fault, repeatable=True)


def test_one_looks_before_one_sends_again(no_waiting: Callable[[], list[float]]) -> None:
    sent: list[str] = []

    def send() -> None:
        sent.append("x")
        raise LostError("lost")

    looking(send, lambda: len(sent) == 2)
    assert (len(sent), no_waiting()) == (2, list(LATE))
    sent.clear()
    with pytest.raises(LostError):
        looking(send, lambda: False)
    assert (len(sent), no_waiting()) == (6, [*LATE] * 6)


@pytest.mark.parametrize("tool", ["label-studio", "doccano"])
def test_a_wrong_secret_is_told_without_telling_it(tool: str, request: pytest.FixtureRequest) -> None:
    server: Running = request.getfixturevalue(f"{tool.replace('-', '_')}_server")
    secret = "f00dfeedf00dfeedf00dfeedf00dfeedf00dfeed"
    wrong: Backend = LabelStudio(server.url, secret) if tool == "label-studio" else Doccano(server.url, "me", secret)
    with closing(wrong), pytest.raises(ServerError) as caught:
        wrong.desks("a")
    hint = (
        "refuses this login: get a token from Account & Settings and run `tahkim login label-studio`"
        if tool == "label-studio"
        else "refuses this login: check user and password and run `tahkim login doccano`"
    )
    assert str(caught.value) == f"{server.url}: {hint}"
    assert secret not in repr(wrong) + repr(vars(wrong))


def test_no_server_at_all(no_waiting: Callable[[], list[float]]) -> None:
    with closing(LabelStudio("http://127.0.0.1:9", "secret-token")) as nobody, pytest.raises(ServerError) as caught:
        nobody.desks("a")
    assert str(caught.value).startswith("http://127.0.0.1:9: no server answers there")
    with closing(Doccano("http://127.0.0.1:9", "me", "secret")) as nobody_else, pytest.raises(ServerError) as caught:
        nobody_else.desks("a")
    assert str(caught.value) == "http://127.0.0.1:9: no server answers there (tried 7 times)"
