"""What the annotator sees: Label Studio's labelling page in a real browser, on a desk of ours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tahkim import schema as schemas
from tahkim.backends import connect
from tahkim.backends.desks import Item, Setting
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.servers import Running
from tools import access_to

sync_api = pytest.importorskip("playwright.sync_api")

CORE = Setting(schemas.load(), "core")
TEXT = "😀 قُصِفَت بلدةُ الهول\r\nوقال 👩‍👩‍👧‍👦 إن\u00a0«الجيش» استهدف \u202bحلب\u202c، e\u0301 ومقتل ثلاثة قرب إدلب"
MARKED = (("قُصِفَت", "SHELLING"), ("الجيش", "ACTOR"), ("حلب", "LOC"), ("إدلب", "LOC"))


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    """A headless Chromium: the system's, or playwright's own."""
    with sync_api.sync_playwright() as playwright:
        try:
            found = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
        except sync_api.Error as error:
            pytest.skip(f"no browser: {str(error).splitlines()[0]}")
        yield found
        found.close()


def test_the_page_highlights_the_right_characters_from_right_to_left(
    browser: sync_api.Browser, label_studio_server: Running, project_id: str, tmp_path: Path
) -> None:
    spans = []
    for number, (surface, label) in enumerate(MARKED, start=1):
        start = TEXT.index(surface)
        spans.append(Span(f"s{number}", start, start + len(surface), label))
    suggestion = Annotation(
        doc_id="d", annotator="rules@1", spans=tuple(spans), relations=(Relation("r1", "place", "s1", "s3"),)
    )
    server = label_studio_server
    with closing(connect(access_to(server))) as backend:
        account = backend.account("amal", None)
        desk = backend.open(project_id, "page: amal", "amal", account, CORE)
        backend.add(desk, [Item(Document(id="d", text=TEXT), suggestion)], CORE, account)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{server.url}/user/login/")
        page.fill("input[name=email]", account.user)
        page.fill("input[name=password]", account.password)
        page.press("input[name=password]", "Enter")
        page.goto(f"{desk.url}?labeling=1")
        page.wait_for_selector(".tahkim-text .htx-highlight", timeout=60_000)
        page.screenshot(path=tmp_path / "page.png")
        shown = page.eval_on_selector_all(
            ".tahkim-text .htx-highlight", "all => all.map(each => each.innerText.trim()).filter(Boolean)"
        )
        assert [" ".join(text.split()) for text in shown] == [surface for surface, _ in MARKED]
        style = page.eval_on_selector(
            ".tahkim-text",
            "e => (s => [s.direction, parseFloat(s.lineHeight) / parseFloat(s.fontSize)])(getComputedStyle(e))",
        )
        assert style == ["rtl", pytest.approx(2.4)]
        buttons = page.eval_on_selector_all(
            ".tahkim-labels .lsf-label, .tahkim-labels [class*=label_]", "all => all.map(e => e.innerText)"
        )
        assert any("SHELLING" in text and "s" in text for text in buttons)
        # The annotator submits it as it stands: what comes back was accepted.
        page.get_by_role("button", name="Submit").first.click()
        page.wait_for_timeout(1500)
        page.close()
        (reading,) = backend.readings(desk, CORE)
        backend.remove(desk)
    assert reading.problems == ()
    came = reading.annotation
    assert (came.status, came.annotator) == ("submitted", "amal")
    assert [(TEXT[s.start : s.end], s.label, s.seen) for s in came.spans] == [
        (surface, label, "accepted") for surface, label in MARKED
    ]
    assert [(r.label, r.head, r.tail) for r in came.relations] == [("place", "s1", "s3")]
