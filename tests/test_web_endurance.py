"""A lead's hundred conflicts by keyboard alone, leads who decide at once, and a server that is killed meanwhile."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tahkim import project as projects
from tahkim.clock import now
from tahkim.model import Annotation, Document, Span
from tahkim.project import open_project
from tahkim.store import Accounts, Store
from tahkim.text import tokens
from tahkim.web.access import new_token
from webserver import Site

TEXT = "قصفت طائرة مسيّرة مستودعاً قرب بلدة الهول، وقُتل مدنيان وأصيب ثلاثة آخرون بجروح في انفجار عبوة غرب المدينة. " * 2
LABELS = ("LOC", "ACTOR", "ASSET", "WEAPON")
DOCUMENTS, CONFLICTS = 5, 20


def build(folder: Path, store: str | None = None) -> Path:
    """Five documents with twenty conflicts each: two annotators who label every word differently."""
    projects.init(folder, store)
    with open_project(folder, store) as project:
        ids = [f"d{n}" for n in range(DOCUMENTS)]
        project.store.add_documents(Document(id=doc_id, text=TEXT) for doc_id in ids)
        words = tokens(TEXT)[:CONFLICTS]
        for shift, who in enumerate(("amal", "basim")):
            spans = tuple(Span(f"s{n}", a, b, LABELS[(n + shift) % 4]) for n, (a, b) in enumerate(words))
            project.store.add_annotations([Annotation(doc_id=i, annotator=who, spans=spans) for i in ids], {}, now())
    return folder


def test_a_hundred_conflicts_need_at_most_250_key_presses(
    tmp_path: Path, serve: Callable[[Path], Site], page: Page
) -> None:
    site = serve(build(tmp_path / "project"))
    site.server.queue.catch_up()
    pressed = 0

    def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            page.keyboard.press(key)
            pressed += 1

    site.enter(page)
    press("ArrowDown", "Enter")
    for left in reversed(range(DOCUMENTS)):
        page.wait_for_selector("#desk[data-ready]")
        for number in range(CONFLICTS):
            expect(page.locator("#counts")).to_have_text(f"{CONFLICTS - number} open")
            press(*(("l", "5") if number % 10 == 9 else ("x",) if number % 10 == 4 else ("1",)))
        expect(page.locator("#counts")).to_have_text("0 open")
        before = page.url
        press("f")
        if left:
            page.wait_for_url(lambda url, before=before: url != before)
    expect(page.locator("#counts")).to_have_text("finished")
    assert pressed <= 250
    assert len(site.decisions()) == DOCUMENTS * CONFLICTS
    assert all(site.server.desk.state(f"d{n}").finished for n in range(DOCUMENTS))


@contextmanager
def process(
    folder: Path, store: str | None, told: Path, port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The real command in a process of its own: its address, and the process."""
    command = [str(Path(sys.executable).with_name("tahkim")), "serve", "--project", str(folder), "--port", str(port)]
    with told.open("w") as out, subprocess.Popen(command + (["--store", store] if store else []), stderr=out) as served:
        try:
            while (found := re.search(r"http://[\w.:]+", told.read_text())) is None:
                assert served.poll() is None, told.read_text()
                time.sleep(0.05)
            yield found[0], served
        finally:
            served.kill()


def decide_all(
    base: str, token: str, doc_id: str, choice: int, acknowledged: list[tuple[str, str, int]]
) -> Counter[int]:
    """Decide everything open in a document, until nothing is or the server has gone; the answers by status."""
    statuses: Counter[int] = Counter()
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=base, headers=headers, timeout=30) as client:
        try:
            questions = client.get(f"/api/documents/{doc_id}").json()["questions"]
            while still := [q for q in questions if q["open"]]:
                body = {"key": still[0]["key"], "seen": still[0]["seen"], "standing": None, "choice": choice}
                answer = client.post(f"/api/documents/{doc_id}/decisions", json=body)
                statuses[answer.status_code] += 1
                if answer.status_code == 200:
                    acknowledged.append((doc_id, still[0]["key"], choice))
                found = answer.json()
                questions = found.get("changes", found)["questions"]
        except httpx.TransportError:
            statuses[0] += 1
    return statuses


def entered(place: Any) -> Counter[tuple[str, str, int]]:
    with Store.open(place) as store:
        assert store.verify_log() == []
        return Counter((e.payload["doc_id"], e.payload["key"], e.payload["choice"]) for e in store.entries("decision"))


def tokens_of(folder: Path, store: str | None, number: int) -> list[str]:
    with open_project(folder, store) as project:
        accounts = Accounts(project.store)
        for n in range(number):
            accounts.add(f"lead{n}", "lead", "no password logs in here", by="test", at=now())
        return [new_token(accounts, f"lead{n}", "decide", by="test") for n in range(number)]


def test_leads_at_once_lose_and_double_nothing(store_place: str, tmp_path: Path) -> None:
    """Eight leads race through the same five documents: of two decisions on a unit one is taken, the other told."""
    store = store_place if "://" in store_place else None
    folder = build(tmp_path / "racing", store)
    keys = tokens_of(folder, store, 8)
    acknowledged: list[tuple[str, str, int]] = []
    with process(folder, store, tmp_path / "told") as (base, _), ThreadPoolExecutor(8) as pool:
        work = [
            pool.submit(decide_all, base, key, f"d{doc}", 1 + n % 2, acknowledged)
            for doc in range(DOCUMENTS)
            for n, key in enumerate(keys)
        ]
        statuses = sum((one.result() for one in work), Counter())
    assert set(statuses) <= {200, 409}
    assert statuses[200] == DOCUMENTS * CONFLICTS
    assert entered(store or folder) == Counter(acknowledged)
    assert max(Counter(key[:2] for key in acknowledged).values()) == 1


def test_a_killed_server_has_kept_every_acknowledged_decision(store_place: str, tmp_path: Path) -> None:
    store = store_place if "://" in store_place else None
    folder = build(tmp_path / "killed", store)
    keys = tokens_of(folder, store, DOCUMENTS)
    acknowledged: list[tuple[str, str, int]] = []
    with process(folder, store, tmp_path / "told") as (base, served), ThreadPoolExecutor(DOCUMENTS) as pool:
        work = [pool.submit(decide_all, base, key, f"d{n}", 1, acknowledged) for n, key in enumerate(keys)]
        while len(acknowledged) < 20 and not all(one.done() for one in work):
            time.sleep(0.005)
        served.send_signal(signal.SIGKILL)
        statuses = sum((one.result() for one in work), Counter())
    assert statuses[0] > 0
    kept = entered(store or folder)
    assert Counter(acknowledged) - kept == Counter()
    assert set(kept.values()) == {1}
    with process(folder, store, tmp_path / "again") as (base, _):
        for n, key in enumerate(keys):
            decide_all(base, key, f"d{n}", 1, acknowledged)
    assert sum(entered(store or folder).values()) == DOCUMENTS * CONFLICTS


def test_a_server_told_to_stop_answers_what_it_is_answering(tmp_path: Path) -> None:
    folder = build(tmp_path / "project")
    with process(folder, None, tmp_path / "told") as (base, served):
        assert httpx.get(f"{base}/healthz").status_code == 200
        served.send_signal(signal.SIGTERM)
        assert served.wait(20) in (0, -signal.SIGTERM)


def test_ten_thousand_documents_page_at_once(tmp_path: Path, serve: Callable[[Path], Site]) -> None:
    folder = tmp_path / "large"
    projects.init(folder)
    with open_project(folder) as project:
        ids = [f"d{n:05}" for n in range(10_000)]
        project.store.add_documents(Document(id=doc_id, text="قصف البلدة") for doc_id in ids)
        readings = [
            Annotation(doc_id=i, annotator=who, spans=(Span("s1", 0, 3, label),))
            for i in ids
            for who, label in (("amal", "SHELLING"), ("basim", "ATTACK"))
        ]
        project.store.add_annotations(readings, {}, now())
    site = serve(folder)
    with site.client() as client:
        assert client.get("/queue").status_code == 200
        site.server.queue.catch_up()
        assert client.get("/queue").text.count("<li><a") == 50
        last = client.get("/queue?page=200").text
        assert "d09999" in last
        assert last.count("<li><a") == 50
        assert client.get("/log").status_code == 200
        site.server.beliefs.catch_up()
        assert "d00000" in client.get("/queue").text
        assert "being worked out" not in client.get("/queue").text


def test_an_open_page_outlives_a_killed_server(sample_copy: Path, tmp_path: Path, page: Page) -> None:
    """What was decided is there, what was typed is there, and the page goes on without being loaded again."""
    told = tmp_path / "told"
    with process(sample_copy, None, told) as (base, served):
        link = re.search(r"http://\S+/enter/\S+", told.read_text())
        assert link is not None
        page.goto(link[0])
        page.goto(f"{base}/documents/s11")
        page.wait_for_selector("#desk[data-ready]")
        page.keyboard.press("1")
        expect(page.locator("#counts")).to_have_text("6 open")
        served.send_signal(signal.SIGKILL)
        served.wait()
    key = page.locator("#panel").get_attribute("data-item")
    page.keyboard.press("c")
    page.keyboard.type("لا يُفقد")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    expect(page.locator("#panel [role=alert]")).to_contain_text("Not saved")
    expect(page.locator("#away")).to_contain_text("The server cannot be reached", timeout=8000)
    expect(page.locator("#counts")).to_have_text("6 open")
    with process(sample_copy, None, tmp_path / "again", int(base.rpartition(":")[2])):
        expect(page.locator("#away")).to_be_hidden(timeout=15000)
        assert page.locator("#panel").get_attribute("data-item") == key
        expect(page.locator("#reason")).to_have_value("لا يُفقد")
        page.keyboard.press("1")
        expect(page.locator("#counts")).to_have_text("5 open")
    with Store.open(sample_copy) as store:
        found = [entry.payload for entry in store.entries("decision")][16:]
    assert [(d["choice"], d.get("reason")) for d in found] == [(1, None), (1, "لا يُفقد")]
