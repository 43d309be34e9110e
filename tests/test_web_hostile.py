"""What people write is shown as text: markup, scripts, bidi controls; and no request breaks the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from playwright.sync_api import Page, expect

from tahkim import project as projects
from tahkim.clock import now
from tahkim.model import Annotation, Document, Span
from tahkim.project import open_project
from webserver import Site

SCRIPT = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
RLO, PDF, RLM = "\u202e", "\u202c", "\u200f"
TEXT = f"قصف {SCRIPT} على {RLO}evil{PDF} بلدة{RLM} الهول\nسطر ثانٍ \U0001f4a5 قصف"
DOC_ID = "r<b>1</b>&\"'/.."
NAME = "<i>amal</i>"


@pytest.fixture
def hostile(tmp_path: Path, serve: Callable[[Path], Site]) -> Site:
    """A project whose every text is markup."""
    folder = tmp_path / "project"
    projects.init(folder)
    with open_project(folder) as project:
        project.store.add_documents([Document(id=DOC_ID, text=TEXT, meta={"outlet": SCRIPT})])
        last = len(TEXT) - 3
        project.store.add_annotations(
            [
                Annotation(
                    doc_id=DOC_ID, annotator=NAME, spans=(Span("s1", 0, 3, "SHELLING"), Span("s2", 4, 30, "LOC"))
                ),
                Annotation(doc_id=DOC_ID, annotator="b", spans=(Span("s1", last, last + 3, "SHELLING"),)),
            ],
            {"file": SCRIPT},
            now(),
        )
    return serve(folder)


def test_markup_in_text_names_and_reasons_is_text(hostile: Site, page: Page) -> None:
    hostile.enter(page)
    page.goto(f"{hostile.base}/queue")
    page.locator("#rows a").first.click()
    page.wait_for_selector("#desk[data-ready]")
    assert page.locator("#text .words").first.inner_text().startswith("قصف <script>window.hacked = 1</script><img")
    expect(page.locator(".lane-name").first).to_have_text(NAME)
    page.fill("#reason", SCRIPT)
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    expect(page.locator("#counts")).to_have_text("2 open")
    for path in ("queue", "log", "annotators", "guidelines", "attributes", "agreement"):
        page.goto(f"{hostile.base}/{path}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hacked") is None, path
        assert page.locator("main script, main img, main i:not(.interval i)").count() == 0, path
    page.goto(f"{hostile.base}/log")
    expect(page.locator("table")).to_contain_text(SCRIPT)


TURNED = f"{RLO}يقرأ من اليمين{PDF}"
EVERYWHERE = ("queue", "log", "annotators", "guidelines", "attributes", "agreement", "releases", "work")


def release_with_a_file_of_markup(site: Site) -> None:
    folder = site.project.exports / "r1"
    folder.mkdir(parents=True)
    files = {f"{SCRIPT}{RLO}.jsonl": {"bytes": 3, "sha256": "0" * 64}}
    manifest = {"name": "r1", "created_at": "2026-01-01T00:00:00Z", "files": files}
    manifest["counts"] = {"documents": 1, "spans": 1, "relations": 0}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_is_turned_around_or_run_by_what_people_wrote(hostile: Site, page: Page, language: str) -> None:
    """Names, ids, texts, reasons, questions and file names: each holds a script and a control that turns text."""
    release_with_a_file_of_markup(hostile)
    names = [f"{NAME}{TURNED}", "b2"]
    readings = [
        Annotation(doc_id="d2", annotator=who, spans=(Span("s1", 0, 12, label),))
        for who, label in zip(names, ("SHELLING", "ATTACK"), strict=True)
    ]
    hostile.project.store.add_documents([Document(id="d2", text=TURNED + SCRIPT)])
    hostile.project.store.add_annotations(readings, {}, now())
    hostile.server.queue.catch_up()
    hostile.server.beliefs.catch_up()
    page.context.add_cookies([{"name": "tahkim_language", "value": language, "url": hostile.base}])
    hostile.enter(page)
    page.goto(f"{hostile.base}/documents/d2")
    page.wait_for_selector("#desk[data-ready]")
    page.keyboard.press("b")
    page.fill("dialog textarea", SCRIPT + TURNED)
    page.keyboard.press("Enter")
    expect(page.locator("#announce")).not_to_be_empty()
    page.fill("#reason", SCRIPT + TURNED)
    expect(page.locator("#reason")).to_have_value(SCRIPT + TURNED)
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    expect(page.locator("#panel .candidates")).to_have_count(0)
    page.reload()
    page.wait_for_selector("#desk[data-ready]")
    assert_plain(page, "document")
    for path in (*EVERYWHERE, f"documents/{quote(SCRIPT + TURNED)}", f"log?document={quote(TURNED)}"):
        page.goto(f"{hostile.base}/{path}")
        page.wait_for_load_state("networkidle")
        assert_plain(page, path)


def assert_plain(page: Page, where: str) -> None:
    """No script ran, and no control that turns text stands in the text of the page."""
    assert page.evaluate("window.hacked") is None, where
    assert page.locator("main script, main img").count() == 0, where
    assert not set(page.locator("body").inner_text()) & {RLO, PDF}, where


def test_bidi_controls_are_shown_by_name_and_turn_nothing_around(hostile: Site, page: Page) -> None:
    hostile.enter(page)
    page.goto(f"{hostile.base}/queue")
    page.locator("#rows a").first.click()
    page.wait_for_selector("#desk[data-ready]")
    assert page.locator("#text .control").all_inner_texts() == ["RLO", "PDF", "RLM"]
    shown = "".join(page.locator("#text .words").all_inner_texts())
    assert not set(shown) & {RLO, PDF, RLM}
    assert "evil" in shown


def test_characters_beyond_the_first_plane_shift_nothing(hostile: Site, page: Page) -> None:
    hostile.enter(page)
    page.goto(f"{hostile.base}/queue")
    page.locator("#rows a").first.click()
    page.wait_for_selector("#desk[data-ready]")
    mark = page.locator(".lane i[title='b: SHELLING ']").last.bounding_box()
    word = page.evaluate(
        """() => {
          const node = [...document.querySelectorAll('.words')].at(-1).firstChild;
          const range = document.createRange();
          range.setStart(node, node.data.length - 3);
          range.setEnd(node, node.data.length);
          const box = range.getBoundingClientRect();
          return [box.left, box.width];
        }"""
    )
    assert mark is not None
    assert (mark["x"], mark["width"]) == pytest.approx(word, abs=1)


def test_markup_in_a_page_s_own_address_is_text(hostile: Site, page: Page) -> None:
    hostile.enter(page)
    for path in (
        f"queue?text={SCRIPT}",
        f"queue?label={SCRIPT}",
        f"documents/{SCRIPT}",
        "login?next=javascript:alert(1)",
    ):
        page.goto(f"{hostile.base}/{path}")
        assert page.evaluate("window.hacked") is None


def test_no_request_that_the_api_describes_breaks_the_server(site: Site) -> None:
    """Schemathesis makes requests, sound and unsound, from the OpenAPI description; none may end in a 5xx."""
    with site.client() as client:
        cookies = dict(client.cookies)
        described = client.get("/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(described)
    schema.config.update(base_url=site.base)
    seen: set[int] = set()

    for result in schema.get_all_operations():

        @settings(max_examples=15, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
        @given(case=result.ok().as_strategy())
        def check(case: Any) -> None:
            answer = case.call(headers={"origin": site.base}, cookies=cookies)
            assert answer.status_code < 500, f"{case.as_curl_command()}: {answer.text[:200]}"
            seen.add(answer.status_code)

        check()
    assert {200, 404, 422} <= seen
    assert site.project.store.verify_log() == []
