"""Every page in both languages and both themes: accessible by axe, wholly translated, and what each is for."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract
from playwright.sync_api import Browser, Page, expect

from tahkim import web
from tahkim.web.language import REFUSALS, messages
from webserver import Site

WEB = Path(web.__file__).parent
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PAGES = (
    "queue",
    "documents/s11",
    "documents/s01",
    "attributes",
    "agreement",
    "annotators",
    "releases",
    "log",
    "guidelines",
)


def looks(browser: Browser, site: Site, language: str, theme: str, **context: Any) -> Page:
    """A window that is in, in a language and theme."""
    opened = browser.new_context(viewport={"width": 1280, "height": 720}, **context)
    opened.add_cookies(
        [
            {"name": "tahkim_language", "value": language, "url": site.base},
            {"name": "tahkim_theme", "value": theme, "url": site.base},
        ]
    )
    page = opened.new_page()
    site.enter(page)
    return page


def shown(page: Page, site: Site, path: str) -> None:
    page.goto(f"{site.base}/{path}")
    if path.startswith("documents"):
        page.wait_for_selector("#desk[data-ready]")
        page.wait_for_selector("#panel:not(:empty)")
    if path == "agreement":
        page.wait_for_selector("#report table", timeout=60000)


def problems(page: Page) -> list[str]:
    """What axe finds, one line a kind, with the first element it concerns."""
    violations = Axe().run(page, options=WCAG).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:150]} {v['nodes'][0]['failureSummary']}" for v in violations]


@pytest.mark.parametrize(("language", "theme"), [("ar", "dark"), ("en", "light")])
def test_every_page_is_accessible(site: Site, browser: Browser, language: str, theme: str) -> None:
    page = looks(browser, site, language, theme)
    found = {}
    for path in (*PAGES, "nowhere"):
        shown(page, site, path)
        found[path] = problems(page)
    shown(page, site, "documents/s11")
    for key in ("l", "a", "b", "Shift+Slash"):
        page.keyboard.press(key)
        page.wait_for_selector("dialog[open]")
        found[f"dialog {key}"] = problems(page)
        page.keyboard.press("Escape")
        page.wait_for_selector("dialog[open]", state="detached")
    page.keyboard.press("e")
    page.wait_for_selector("#draft")
    found["editing"] = problems(page)
    page.context.clear_cookies(name="tahkim_session")
    page.goto(f"{site.base}/login")
    found["login"] = problems(page)
    page.context.close()
    assert {path: list_ for path, list_ in found.items() if list_} == {}


def test_pages_fit_a_tablet(site: Site, browser: Browser) -> None:
    page = looks(browser, site, "ar", "light", has_touch=True)
    page.set_viewport_size({"width": 768, "height": 1024})
    for path in PAGES:
        shown(page, site, path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} pixels too wide"
    shown(page, site, "documents/s11")
    page.tap("[data-choice='1']")
    expect(page.locator("#counts")).to_have_text("المفتوحة: 6")
    page.context.close()


def test_the_interface_runs_from_right_to_left_in_arabic_and_the_text_always(site: Site, browser: Browser) -> None:
    for language, direction in (("ar", "rtl"), ("en", "ltr")):
        page = looks(browser, site, language, "light")
        shown(page, site, "documents/s11")
        assert page.evaluate("document.documentElement.dir") == direction
        assert page.evaluate("getComputedStyle(document.querySelector('.words')).direction") == "rtl"
        panel, text = page.locator("#panel").bounding_box(), page.locator("#text").bounding_box()
        assert panel is not None
        assert text is not None
        assert (panel["x"] < text["x"]) == (direction == "rtl")
        first, later = page.locator(".mark[data-label=KILL]").first, page.locator(".mark[data-label=TIME]").first
        a, b = first.bounding_box(), later.bounding_box()
        assert a is not None
        assert b is not None
        assert a["x"] > b["x"]
        page.context.close()


def test_the_arrow_of_a_relation_points_from_its_head_to_its_tail(site: Site, page: Page) -> None:
    """On the screen, where Arabic has the head on the right: by the places of the letters, not by the sign alone."""
    site.server.queue.catch_up()
    site.enter(page)
    page.goto(f"{site.base}/queue?kind=direction")
    places = page.locator(".snippet mark").first.evaluate(
        """mark => {
            const text = mark.firstChild, arrow = text.data.search(/[←→]/);
            const left = at => {
                const range = new Range();
                range.setStart(text, at);
                range.setEnd(text, at + 1);
                return range.getBoundingClientRect().left;
            };
            return { sign: text.data[arrow], head: left(0), arrow: left(arrow), tail: left(text.data.length - 1) };
        }"""
    )
    assert places["head"] > places["arrow"] > places["tail"]
    assert places["sign"] == "←"
    surface = page.locator(".snippet mark").first.inner_text()
    page.locator("#rows a").first.click()
    page.wait_for_selector("#desk[data-ready]")
    assert surface in page.locator("#panel .what").all_inner_texts()


def written() -> set[str]:
    """Every message that templates and scripts show."""
    found = set()
    for path in (WEB / "templates").glob("*.html"):
        with path.open("rb") as source:
            extracted = [message for _, _, message, _ in babel_extract(source, ["_"], [], {})]
            found |= {str(message[0] if isinstance(message, tuple) else message) for message in extracted}
    for path in (WEB / "static").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', text))
        for table in re.findall(r"const (?:KINDS|GROUPS) = \{(.*?)\};", text, re.S):
            found |= set(re.findall(r': "([^"]*)"', table))
        for table in re.findall(r"const KEY_HELP = \[(.*?)\];", text, re.S):
            found |= set(re.findall(r'", "([^"]*)"\]', table))
    return found


def test_everything_is_translated_and_nothing_else(site: Site) -> None:
    units = {"character", "word", "clitic", "start", "end"}
    with (WEB / "locale/ar/LC_MESSAGES/tahkim.po").open("rb") as source:
        catalogue = {str(m.id): m for m in read_po(source) if m.id}
    assert set(catalogue) == written() | units | set(REFUSALS)
    assert [m.id for m in catalogue.values() if m.fuzzy or not m.string] == []
    for message in catalogue.values():
        places = re.compile(r"%\(\w+\)s|\{\w+\}")
        assert sorted(places.findall(str(message.id))) == sorted(places.findall(str(message.string))), message.id
    assert messages("ar")["Queue"] == "الطابور"


def test_names_are_hidden_in_blind_adjudication(site: Site, page: Page) -> None:
    site.enter(page)
    page.click("#blind")
    for path in ("queue", "documents/s11", "annotators", "log"):
        shown(page, site, path)
        assert not re.search(r"\b(amal|basim|huda)\b", page.content()), path
    assert page.locator(".lane-name").all_inner_texts() == []
    shown(page, site, "documents/s11")
    assert {*page.locator(".lane-name").all_inner_texts()} == {"A", "B"}
    with site.client() as client:
        client.post("/api/settings", json={"blind": True})
        lanes = client.get("/api/documents/s11").json()["lanes"]
    assert [lane["annotator"] for lane in lanes] == ["B", "A"] or [lane["annotator"] for lane in lanes] == ["A", "B"]
    assert [(e.by, e.payload["value"]) for e in site.entries("setting")] == [("lead", True)]


BLIND = (
    *("queue", "queue?annotator=amal", "queue?sent_back=yes", "documents/s11", "attributes", "agreement", "annotators"),
    *("log", "guidelines", "work", "api/agreement", "api/documents/s11", "api/documents/s11/changes", "metrics"),
)


def test_names_that_are_hidden_are_in_no_answer(site: Site) -> None:
    """Neither in the source of a page nor in what the API gives, also after something was sent back to somebody."""
    site.server.queue.catch_up()
    with site.client() as client:
        question = next(q for q in client.get("/api/documents/s11").json()["questions"] if q["open"])
        back = {"key": question["key"], "to": ["amal"], "reason": "انظر ما كتبه basim"}
        assert client.post("/api/documents/s11/send-back", json=back).status_code == 200
        assert "amal" in client.get("/api/documents/s11").text
        client.post("/api/settings", json={"blind": True})
        while client.get("/api/agreement").status_code == 202:
            time.sleep(0.1)
        for path in (*BLIND, f"api/documents/s11/like?key={quote(question['key'])}"):
            answer = client.get(f"/{path}")
            assert answer.status_code == 200
            assert re.findall(r"\b(amal|basim|huda)\b", answer.text) == [], path


def test_the_queue_is_filtered_and_ordered_by_gain(site: Site, page: Page) -> None:
    site.server.queue.catch_up()
    site.enter(page)
    gains = [float(text) for text in page.locator(".gain").all_inner_texts()]
    assert len(gains) == 17
    assert gains == sorted(gains, reverse=True)
    page.select_option("[name=kind]", "direction")
    page.click(".filters button")
    assert page.locator(".rows .kind").all_inner_texts() == ["direction", "direction"]
    for query, number in (("label=SHELLING", 1), ("document=s03", 1), ("annotator=huda", 6), ("text=المَواشي", 7)):
        page.goto(f"{site.base}/queue?{query}")
        assert page.locator("#rows > li").count() == number, query
    page.goto(f"{site.base}/queue")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk[data-ready]")


def test_missing_attributes_are_filled_in(site: Site, page: Page) -> None:
    site.server.queue.catch_up()
    site.enter(page)
    page.goto(f"{site.base}/attributes")
    rows = page.locator("#gaps > li")
    before = rows.count()
    page.select_option("#gaps > li[data-name=agent] [name=certainty]", "hedged")
    page.click("#gaps > li[data-name=agent] button")
    expect(page.locator("#gaps > li[data-name=agent] [role=status]")).to_have_text("saved")
    decision = site.decisions()[-1]
    choice = decision["choice"]
    assert isinstance(choice, dict)
    assert (choice["label"], choice["attributes"]) == ("agent", {"certainty": "hedged"})
    page.reload()
    assert rows.count() == before - 1


def test_a_language_is_chosen_and_kept(site: Site, page: Page) -> None:
    site.enter(page)
    assert page.evaluate("document.documentElement.lang") == "en"
    page.click("[data-language=ar]")
    page.wait_for_function("() => document.documentElement.lang === 'ar'")
    page.goto(f"{site.base}/log")
    assert page.evaluate("document.documentElement.lang") == "ar"


SIZES = {"small screen": (1280, 720), "tablet": (820, 1180), "phone": (390, 844)}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_text_and_panel_share_the_window_and_nothing_lies_on_another(
    site: Site, browser: Browser, size: tuple[int, int]
) -> None:
    page = looks(browser, site, "ar", "light")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    shown(page, site, "documents/s11")
    root = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert root == list(size)
    text, panel = page.locator("#text").bounding_box(), page.locator("#panel").bounding_box()
    assert text is not None
    assert panel is not None
    beside = panel["x"] + panel["width"] <= text["x"] + 1
    assert beside or text["y"] + text["height"] <= panel["y"] + 1
    assert text["height"] > 150
    page.context.close()


@pytest.mark.parametrize("path", ["queue", "attributes"])
def test_what_is_at_stake_is_seen_on_a_phone_too(site: Site, browser: Browser, path: str) -> None:
    site.server.queue.catch_up()
    page = looks(browser, site, "ar", "light")
    page.set_viewport_size({"width": 390, "height": 844})
    shown(page, site, path)
    for mark in page.locator(".snippet mark").all():
        box, row = mark.bounding_box(), mark.locator("..").bounding_box()
        assert box is not None
        assert row is not None
        assert box["width"] > 12
        assert row["x"] - 1 <= box["x"] <= box["x"] + box["width"] <= row["x"] + row["width"] + 1
    page.context.close()


def test_refusals_and_warnings_are_told_in_the_language_of_the_page(site: Site, browser: Browser) -> None:
    page = looks(browser, site, "ar", "light")
    page.goto(f"{site.base}/documents/nowhere")
    expect(page.locator("main p").first).to_have_text("الوثيقة nowhere ليست في المشروع")
    expect(page.locator("nav a").first).to_have_text("الطابور")
    shown(page, site, "documents/s11")
    page.keyboard.press("f")
    expect(page.locator("#panel [role=alert]")).to_have_text("ما زالت خلافات الوثيقة s11 المفتوحة 7: احسمها أولًا")
    shown(page, site, "agreement")
    warnings = page.locator("#report > .hint").all_inner_texts()
    assert len(warnings) == 4
    assert [text for text in warnings if re.search("[a-z]", text)] == []
    page.context.close()


def test_the_keys_fit_a_small_screen(site: Site, page: Page) -> None:
    site.enter(page)
    shown(page, site, "documents/s11")
    page.keyboard.press("Shift+Slash")
    dialog = page.locator("dialog[open]")
    assert dialog.evaluate("(d) => d.scrollHeight <= d.clientHeight")
