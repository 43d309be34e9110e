"""What the annotator sees: the labelling pages of both tools in a real browser, on desks of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tahkim import schema as schemas
from tahkim.backends import connect
from tahkim.backends.desks import Item, Setting
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.servers import Running
from tools import access_to

CORE = Setting(schemas.load(), "core")
TEXT = "😀 قُصِفَت بلدةُ الهول\r\nوقال 👩‍👩‍👧‍👦 إن\u00a0«الجيش» استهدف \u202bحلب\u202c، e\u0301 ومقتل ثلاثة قرب إدلب"
MARKED = (("قُصِفَت", "SHELLING"), ("الجيش", "ACTOR"), ("حلب", "LOC"), ("إدلب", "LOC"))


def suggestion() -> Annotation:
    spans = []
    for number, (surface, label) in enumerate(MARKED, start=1):
        start = TEXT.index(surface)
        spans.append(Span(f"s{number}", start, start + len(surface), label))
    return Annotation(
        doc_id="d", annotator="rules@1", spans=tuple(spans), relations=(Relation("r1", "place", "s1", "s3"),)
    )


@pytest.fixture
def window(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    yield context.new_page()
    context.close()


def test_label_studio_highlights_the_right_characters_from_right_to_left(
    window: Page, label_studio_server: Running, project_id: str, tmp_path: Path
) -> None:
    server = label_studio_server
    with closing(connect(access_to(server))) as backend:
        account = backend.account("amal", None)
        desk = backend.open(project_id, "page: amal", "amal", account, CORE)
        backend.add(desk, [Item(Document(id="d", text=TEXT), suggestion())], CORE, account)
        window.goto(f"{server.url}/user/login/")
        window.fill("input[name=email]", account.user)
        window.fill("input[name=password]", account.password)
        window.press("input[name=password]", "Enter")
        window.goto(f"{desk.url}?labeling=1")
        window.wait_for_selector(".tahkim-text .htx-highlight", timeout=60_000)
        window.screenshot(path=tmp_path / "page.png")
        shown = window.eval_on_selector_all(
            ".tahkim-text .htx-highlight", "all => all.map(each => each.innerText.trim()).filter(Boolean)"
        )
        assert [" ".join(text.split()) for text in shown] == [surface for surface, _ in MARKED]
        # Of the letters themselves: the tool has a line height of its own below ours.
        style = window.eval_on_selector(
            ".tahkim-text .htx-highlight",
            "e => (s => [s.direction, s.fontSize, parseFloat(s.lineHeight) / parseFloat(s.fontSize), s.fontFamily])"
            "(getComputedStyle(e))",
        )
        assert style[:3] == ["rtl", "19.2px", pytest.approx(2.8)]
        assert style[3].startswith('"Noto Naskh Arabic"')
        buttons = window.eval_on_selector_all(
            ".tahkim-labels .lsf-label, .tahkim-labels [class*=label_]", "all => all.map(e => e.innerText)"
        )
        assert any("SHELLING" in text and "s" in text for text in buttons)
        # The annotator submits it as it stands: what comes back was accepted.
        window.get_by_role("button", name="Submit").first.click()
        window.wait_for_timeout(1500)
        (reading,) = backend.readings(desk, CORE)
        backend.remove(desk)
    assert reading.problems == ()
    came = reading.annotation
    assert (came.status, came.annotator) == ("submitted", "amal")
    assert [(TEXT[s.start : s.end], s.label, s.seen) for s in came.spans] == [
        (surface, label, "accepted") for surface, label in MARKED
    ]
    assert [(r.label, r.head, r.tail) for r in came.relations] == [("place", "s1", "s3")]


UNDERLINED = """() => [...document.querySelectorAll(".annotation-text svg text[id*=':']")].flatMap(line =>
  [...line.parentNode.querySelectorAll("line")].map(bar => {
    const round = parseFloat(bar.getAttribute("stroke-width")) / 2;
    const ends = [bar.x1.baseVal.value - round, bar.x2.baseVal.value + round];
    const middle = at => (box => box.x + box.width / 2)(line.getExtentOfChar(at));
    return [...Array(line.getNumberOfChars()).keys()]
      .filter(at => Math.min(...ends) <= middle(at) && middle(at) <= Math.max(...ends))
      .map(at => line.textContent[at]).join("");
  }))"""
"""The characters that doccano's bars stand under, as the browser lays both out."""


def test_doccano_highlights_the_right_characters_in_both_directions(
    window: Page, doccano_server: Running, project_id: str, tmp_path: Path
) -> None:
    server = doccano_server
    with closing(connect(access_to(server))) as backend:
        account = backend.account("amal", None)
        desk = backend.open(project_id, "page: amal", "amal", account, CORE)
        backend.add(desk, [Item(Document(id="d", text=TEXT), suggestion())], CORE, account)
        window.goto(f"{server.url}/auth")
        window.fill("input[name=username]", account.user)
        window.fill("input[name=password]", account.password)
        window.press("input[name=password]", "Enter")
        window.wait_for_url("**/projects**")
        window.goto(f"{server.url}/projects/{desk.id}/sequence-labeling?page=1")
        assert underlined(window) == [surface for surface, _ in MARKED]
        shown = window.locator(".v-chip").all_inner_texts()
        assert any(text.split() == ["SHELLING", "s"] for text in shown), shown
        # As the desk's guideline says.
        window.goto(f"{server.url}/projects/{desk.id}")
        window.locator("header.v-app-bar button").last.click()
        window.wait_for_timeout(500)
        window.locator(".menuable__content__active .v-input--switch input").click(force=True)
        window.get_by_text("RTL", exact=True).wait_for()
        window.mouse.click(700, 800)
        window.wait_for_timeout(500)
        window.get_by_text("Start Annotation").click()
        window.wait_for_url("**/sequence-labeling**")
        assert underlined(window) == [surface for surface, _ in MARKED]
        assert window.locator(".annotation-text svg").first.get_attribute("direction") == "rtl"
        window.screenshot(path=tmp_path / "page.png")
        (reading,) = backend.readings(desk, CORE)
        backend.remove(desk)
    assert reading.problems == ()
    assert reading.document.text == TEXT
    assert [(TEXT[s.start : s.end], s.label) for s in reading.annotation.spans] == list(MARKED)


def underlined(page: Page) -> list[str]:
    """What stands over a bar, without the marks of direction that have no width."""
    page.wait_for_selector(".annotation-text svg line", state="attached")
    page.wait_for_timeout(1000)
    return [text.strip("\u202a\u202b\u202c") for text in page.evaluate(UNDERLINED)]
