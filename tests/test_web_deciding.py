"""Everything a lead does to a document, in a real browser, by keyboard and mouse; what the store holds afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tahkim.web.access import hash_password
from webserver import Site

DOCUMENT = "s11"
FIRST = "s103-115~cfb5c3a68c3c213f"
"""A place that two annotators mark with different boundaries: the first conflict of the document."""

PASSWORD = "correct horse battery"


def opened(site: Site, page: Page, doc_id: str = DOCUMENT, key: str = "") -> Page:
    site.enter(page)
    page.goto(f"{site.base}/documents/{doc_id}#{key}")
    page.wait_for_selector("#desk[data-ready]")
    return page


def conflict_shown(page: Page) -> str:
    return str(page.locator("#panel").get_attribute("data-item"))


def fresh(site: Site, before: int) -> list[dict[str, Any]]:
    """The decisions since there were `before` of them."""
    return [dict(d) for d in site.decisions()[before:]]


def await_decisions(site: Site, page: Page, number: int) -> list[dict[str, Any]]:
    """Wait until the page shows that so many decisions were added to the sixteen of the sample, and return them."""
    for _ in range(100):
        if len(site.decisions()) >= 16 + number:
            break
        page.wait_for_timeout(30)
    expect(page.locator("#saving")).to_be_hidden()
    found = fresh(site, 16)
    assert len(found) == number, found
    return found


def do(page: Page, how: str, key: str, act: str) -> None:
    """An act by its key, or by its button."""
    if how == "keyboard":
        page.keyboard.press(key)
    else:
        page.click(f"[data-act={act}]")


both = pytest.mark.parametrize("how", ["keyboard", "mouse"])


@both
def test_a_candidate_is_taken_and_the_next_conflict_shown(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    assert conflict_shown(page) == FIRST
    if how == "keyboard":
        page.keyboard.press("2")
    else:
        page.click("[data-choice='2']")
    expect(page.locator("#counts")).to_have_text("6 open")
    (decision,) = await_decisions(site, page, 1)
    assert decision["key"] == FIRST
    assert decision["choice"] == 2
    assert decision["by"] == "lead"
    assert conflict_shown(page) not in ("", FIRST)
    assert site.server.desk.state(DOCUMENT).merged.open == 6


@both
def test_a_place_is_rejected(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    if how == "keyboard":
        page.keyboard.press("x")
    else:
        page.click("[data-choice='none']")
    (decision,) = await_decisions(site, page, 1)
    assert decision["choice"] == "none"


@both
def test_going_from_conflict_to_conflict(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    do(page, how, "j", "next")
    second = conflict_shown(page)
    assert second != FIRST
    do(page, how, "k", "previous")
    assert conflict_shown(page) == FIRST
    do(page, how, "k", "previous")
    last = conflict_shown(page)
    assert last not in (FIRST, second)
    do(page, how, "j", "next")
    assert conflict_shown(page) == FIRST
    assert site.decisions()[16:] == []


@pytest.mark.parametrize(
    ("keys", "start", "end"),
    [
        (["ArrowRight"], 103, 114),
        (["Shift+ArrowLeft"], 104, 115),
        (["Control+ArrowRight"], 103, 108),
        (["Control+Shift+ArrowLeft"], 109, 115),
        (["Alt+Shift+ArrowLeft", "Alt+Shift+ArrowLeft"], 111, 115),
    ],
    ids=["end by character", "start by character", "end by word", "start by word", "start by clitic"],
)
def test_a_range_is_edited_by_keys(site: Site, page: Page, keys: list[str], start: int, end: int) -> None:
    opened(site, page)
    page.keyboard.press("1")
    await_decisions(site, page, 1)
    page.goto(f"{site.base}/documents/{DOCUMENT}#{FIRST}")
    page.reload()
    page.wait_for_selector("#desk[data-ready]")
    page.keyboard.press("e")
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    decision = await_decisions(site, page, 2)[1]
    assert decision["choice"] == {"start": start, "end": end, "label": "LOC"}
    assert decision["key"] == FIRST


@pytest.mark.parametrize(
    ("buttons", "start", "end"),
    [
        (["End end character −"], 103, 114),
        (["Start start character +"], 104, 115),
        (["End end word −"], 103, 108),
        (["Start start word +"], 109, 115),
        (["Start start clitic +", "Start start clitic +"], 111, 115),
    ],
)
def test_a_range_is_edited_by_buttons(site: Site, page: Page, buttons: list[str], start: int, end: int) -> None:
    opened(site, page)
    page.click("[data-act=range]")
    for button in buttons:
        page.click(f"[aria-label='{button}']")
    page.click("#draft button.primary")
    (decision,) = await_decisions(site, page, 1)
    assert (decision["choice"]["start"], decision["choice"]["end"]) == (start, end)


def test_a_range_is_edited_by_selecting_text(site: Site, page: Page) -> None:
    opened(site, page)
    page.click("[data-act=range]")
    select_text(page, 103, 108)
    page.click("#draft button.primary")
    (decision,) = await_decisions(site, page, 1)
    assert (decision["choice"]["start"], decision["choice"]["end"]) == (103, 108)


def select_text(page: Page, start: int, end: int, text: str | None = None) -> None:
    """Drag the mouse over code points of the text (none of the sample's is beyond the first plane)."""
    text = text or page.evaluate("async () => (await (await fetch('/api/documents/s11')).json()).text")
    box = page.evaluate(
        """([start, end, whole]) => {
          const range = document.createRange();
          let seen = 0;
          for (const line of document.querySelectorAll('.line')) {
            const node = line.querySelector('.words').firstChild;
            const from = whole.indexOf(node.data, seen);
            seen = from + node.data.length;
            if (start >= from && end <= seen) {
              line.scrollIntoView({block: 'center'});
              range.setStart(node, start - from);
              range.setEnd(node, end - from);
              const box = range.getBoundingClientRect();
              return [box.left, box.right, box.top + box.height / 2];
            }
          }
        }""",
        [start, end, text],
    )
    left, right, middle = box
    page.mouse.move(right - 1, middle)
    page.mouse.down()
    page.mouse.move((left + right) / 2, middle, steps=3)
    page.mouse.move(left + 1, middle, steps=3)
    page.mouse.up()


@both
def test_a_label_is_changed(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    do(page, how, "l", "label")
    if how == "keyboard":
        page.keyboard.press("6")
    else:
        page.click("dialog [data-label=ASSET]")
    (decision,) = await_decisions(site, page, 1)
    assert decision["choice"] == {"start": 103, "end": 115, "label": "ASSET"}


@both
def test_attributes_are_changed(site: Site, page: Page, how: str) -> None:
    opened(site, page, key="s416-419~cfb5c3a66ffd296c")
    do(page, how, "a", "attributes")
    page.select_option("dialog [name=factuality]", "NEGATED")
    if how == "keyboard":
        page.keyboard.press("Enter")
    else:
        page.click("dialog button.primary")
    (decision,) = await_decisions(site, page, 1)
    assert decision["choice"]["attributes"] == {"factuality": "NEGATED"}
    assert decision["choice"]["label"] == "SHELLING"


def test_a_span_is_added_by_keys(site: Site, page: Page) -> None:
    opened(site, page)
    page.keyboard.press("s")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    (decision,) = await_decisions(site, page, 1)
    assert decision["of"] == "new"
    assert decision["choice"] == {"start": 116, "end": 121, "label": "ACTOR"}
    assert site.project.store.document(DOCUMENT).text[116:121] == "عاصمة"


def test_a_span_is_added_by_selecting_text(site: Site, page: Page) -> None:
    opened(site, page)
    select_text(page, 116, 121)
    page.click("dialog [data-label=ACTOR]")
    (decision,) = await_decisions(site, page, 1)
    assert decision["choice"] == {"start": 116, "end": 121, "label": "ACTOR"}


def test_an_added_span_is_changed_and_removed(site: Site, page: Page) -> None:
    opened(site, page)
    select_text(page, 116, 121)
    page.click("dialog [data-label=ACTOR]")
    await_decisions(site, page, 1)
    page.keyboard.press("l")
    page.keyboard.press("2")
    first, undo, second = await_decisions(site, page, 3)
    assert undo["undoes"] == first["id"]
    assert second["choice"]["label"] == "PERSON"
    page.keyboard.press("0")
    assert await_decisions(site, page, 4)[3]["undoes"] == second["id"]


HEAD, TAIL = (0, 3), (44, 48)
"""A killing and the time word of the same line, between which the schema allows `time`."""


def test_a_relation_is_drawn_by_keys(site: Site, page: Page) -> None:
    opened(site, page)
    spans = site.server.desk.state(DOCUMENT).merged.gold_spans
    page.keyboard.press(",")
    while page.locator(".mark.current[data-label=KILL]").count() == 0:
        page.keyboard.press(",")
    page.keyboard.press("r")
    for _ in range(next(n for n, span in enumerate(spans) if span.label == "TIME")):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    page.click("dialog [data-label=time]")
    (decision,) = await_decisions(site, page, 1)
    assert decision["of"] == "new"
    assert decision["choice"]["label"] == "time"
    assert decision["choice"]["head"]["label"] == "KILL"
    assert decision["choice"]["tail"]["label"] == "TIME"


def drawn(site: Site, page: Page) -> dict[str, Any]:
    """Draw a relation with the mouse from the killing to the time, and return its decision."""
    head = page.locator(".mark[data-label=KILL]").first.bounding_box()
    tail = page.locator(".mark[data-label=TIME]").first.bounding_box()
    assert head is not None
    assert tail is not None
    page.mouse.move(head["x"] + head["width"] / 2, head["y"] + 5)
    page.mouse.down()
    page.mouse.move(tail["x"] + 20, tail["y"] + 9, steps=4)
    page.mouse.move(tail["x"] + tail["width"] / 2, tail["y"] + 5, steps=4)
    page.mouse.up()
    page.click("dialog [data-label=time]")
    return await_decisions(site, page, 1)[0]


def test_a_relation_is_drawn_by_dragging(site: Site, page: Page) -> None:
    opened(site, page)
    decision = drawn(site, page)
    assert (decision["choice"]["head"]["label"], decision["choice"]["tail"]["label"]) == ("KILL", "TIME")


DIRECTED = "r88-99>103-115~cfb5c3a60796946c"
"""A relation that two annotators point in opposite directions."""


def directed(site: Site) -> set[tuple[int, int]]:
    relations = site.server.desk.state(DOCUMENT).merged.gold_relations
    return {(relation.head, relation.tail) for relation in relations if relation.label == "located_in"}


@both
def test_a_relation_is_reversed(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    page.keyboard.press("1")
    await_decisions(site, page, 1)
    page.evaluate(f"location.hash = '{DIRECTED}'")
    page.reload()
    page.wait_for_selector("#desk[data-ready]")
    assert conflict_shown(page) == DIRECTED
    page.keyboard.press("1")
    taken = await_decisions(site, page, 2)[1]
    assert taken["choice"] == 1
    page.reload()
    page.wait_for_selector("#desk[data-ready]")
    before = {
        (r.head, r.tail) for r in site.server.desk.state(DOCUMENT).merged.gold_relations if r.label == "located_in"
    }
    do(page, how, "v", "reverse")
    decision = await_decisions(site, page, 3)[2]
    after = {
        (r.head, r.tail) for r in site.server.desk.state(DOCUMENT).merged.gold_relations if r.label == "located_in"
    }
    assert decision["key"] == DIRECTED
    assert {tuple(reversed(pair)) for pair in before - after} == after - before
    assert before != after


@both
def test_a_relation_is_relabelled(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    key = next(r for r in site_relations(site) if r["label"] == "agent")["key"]
    page.evaluate(f"location.hash = '{key}'")
    page.reload()
    page.wait_for_selector("#desk[data-ready]")
    do(page, how, "l", "label")
    page.click("dialog [data-label=target]") if how == "mouse" else press_entry(page, "target")
    (decision,) = await_decisions(site, page, 1)
    assert decision["key"] == key
    assert decision["choice"]["label"] == "target"


def press_entry(page: Page, name: str) -> None:
    """Press the key that the palette shows for an entry."""
    button = page.locator("dialog li button", has=page.locator(f"[data-label={name}]"))
    page.keyboard.press(button.locator("kbd").inner_text())


def site_relations(site: Site) -> list[dict[str, Any]]:
    with site.client() as client:
        found: list[dict[str, Any]] = client.get(f"/api/documents/{DOCUMENT}").json()["merged"]["relations"]
    return found


@both
def test_a_reason_and_a_paragraph_go_with_a_decision(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    if how == "keyboard":
        page.keyboard.press("c")
        page.keyboard.type("المدينة اسم نوع")
        page.keyboard.press("Enter")
        page.keyboard.press("g")
        page.keyboard.press("Enter")
        page.keyboard.press("2")
    else:
        page.click("#reason")
        page.keyboard.type("المدينة اسم نوع")
        page.click("#cite")
        page.keyboard.type("45")
        page.click("[data-choice='2']")
    (decision,) = await_decisions(site, page, 1)
    assert decision["reason"] == "المدينة اسم نوع"
    assert decision["guideline"] == "§45"
    assert page.input_value("#reason") == ""


@both
def test_undo_and_redo_are_entries_of_the_log(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    page.keyboard.press("2")
    first = await_decisions(site, page, 1)[0]
    do(page, how, "u", "undo")
    assert await_decisions(site, page, 2)[1]["undoes"] == first["id"]
    expect(page.locator("#counts")).to_have_text("7 open")
    assert conflict_shown(page) == FIRST
    do(page, how, "Shift+u", "redo")
    again = await_decisions(site, page, 3)[2]
    assert (again["key"], again["choice"]) == (first["key"], first["choice"])
    expect(page.locator("#counts")).to_have_text("6 open")
    do(page, how, "Control+z", "undo")
    assert await_decisions(site, page, 4)[3]["undoes"] == again["id"]


def test_undo_survives_a_closed_page_and_a_restarted_server(site: Site, page: Page, serve: Any) -> None:
    opened(site, page)
    page.keyboard.press("2")
    first = await_decisions(site, page, 1)[0]
    other = serve(site.project.folder)
    opened(other, page)
    page.keyboard.press("u")
    assert await_decisions(other, page, 2)[1]["undoes"] == first["id"]


@both
def test_a_conflict_is_sent_back(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    do(page, how, "b", "back")
    page.keyboard.type("انظر إلى الفقرة 13")
    if how == "keyboard":
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
    else:
        page.uncheck("dialog input[value=basim]")
        page.click("dialog button.primary")
    expect(page.locator("#announce")).to_have_text("Sent back.")
    (entry,) = site.entries("send_back")
    assert entry.by == "lead"
    assert entry.payload["to"] == ["amal"]
    assert entry.payload["key"] == FIRST
    assert entry.payload["reason"] == "انظر إلى الفقرة 13"
    assert conflict_shown(page) != FIRST


@both
def test_a_document_is_finished_when_nothing_is_open(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    page.keyboard.press("f")
    expect(page.locator("#panel [role=alert]")).to_contain_text("document s11 still has 7 open")
    for _ in range(20):
        if site.server.desk.state(DOCUMENT).merged.open == 0:
            break
        before = len(site.decisions())
        page.keyboard.press("1")
        await_decisions(site, page, before - 16 + 1)
    assert site.server.desk.state(DOCUMENT).merged.open == 0
    expect(page.locator("#counts")).to_have_text("0 open")
    if how == "keyboard":
        page.keyboard.press("f")
    else:
        page.click("#panel button.primary")
    page.wait_for_url(lambda url: not url.endswith(f"/{DOCUMENT}") and DOCUMENT not in url)
    (entry,) = site.entries("finish")
    assert (entry.by, entry.payload["doc_id"]) == ("lead", DOCUMENT)


def test_keys_are_the_same_under_an_arabic_keyboard(site: Site, page: Page) -> None:
    opened(site, page)
    page.evaluate(
        "() => document.getElementById('text').dispatchEvent("
        "new KeyboardEvent('keydown', {code: 'KeyJ', key: 'ت', bubbles: true}))"
    )
    assert conflict_shown(page) != FIRST


def test_the_second_of_two_leads_is_shown_the_first(site: Site, page: Page, browser: Any) -> None:
    opened(site, page)
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    other = context.new_page()
    opened(site, other)
    other.keyboard.press("1")
    expect(other.locator("#counts")).to_have_text("6 open")
    page.keyboard.press("2")
    expect(page.locator("dialog")).to_contain_text("lead decided this meanwhile:")
    expect(page.locator("dialog")).to_contain_text("مدينة الفاشر")
    assert len(site.decisions()) == 17
    page.keyboard.press("m")
    first, second = await_decisions(site, page, 2)
    assert (first["choice"], second["choice"]) == (1, 2)
    context.close()


def test_two_leads_see_each_others_decisions(site: Site, page: Page, browser: Any) -> None:
    opened(site, page)
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    other = context.new_page()
    opened(site, other)
    other.keyboard.press("1")
    expect(page.locator("#counts")).to_have_text("6 open", timeout=8000)
    context.close()


def test_a_stopped_server_is_told_and_nothing_is_shown_as_saved(site: Site, page: Page) -> None:
    opened(site, page)
    page.context.set_offline(True)
    page.keyboard.press("1")
    expect(page.locator("#panel [role=alert]")).to_have_text(
        "Not saved: the server cannot be reached. Do it again when it is back."
    )
    assert conflict_shown(page) == FIRST
    page.context.set_offline(False)
    page.keyboard.press("1")
    await_decisions(site, page, 1)


def test_the_next_conflict_is_shown_while_the_decision_is_saved_and_not_counted_before(site: Site, page: Page) -> None:
    """Three keys in a row while the first save hangs: each is meant for the conflict shown when it was pressed."""
    opened(site, page)
    held: list[Any] = []
    page.route("**/decisions", lambda route: held.append(route))
    shown = []
    for key in ("2", "1", "x"):
        shown.append(conflict_shown(page))
        page.keyboard.press(key)
    assert len({*shown, conflict_shown(page)}) == 4
    expect(page.locator("#saving")).to_have_text("Saving…")
    expect(page.locator("#counts")).to_have_text("7 open")
    assert site.decisions()[16:] == []
    for number in range(3):
        while len(held) <= number:
            page.wait_for_timeout(20)
        held[number].continue_()
        expect(page.locator("#counts")).to_have_text(f"{6 - number} open")
    found = await_decisions(site, page, 3)
    assert [d["key"] for d in found] == shown
    assert [d["choice"] for d in found] == [2, 1, "none"]


def test_what_was_not_saved_comes_back_with_what_was_typed_and_takes_along_what_followed(
    site: Site, page: Page
) -> None:
    opened(site, page)
    held: list[Any] = []
    page.route("**/decisions", lambda route: held.append(route))
    page.keyboard.press("c")
    page.keyboard.type("حدّ الاسم")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.keyboard.press("1")
    assert conflict_shown(page) != FIRST
    held[0].abort()
    expect(page.locator("#panel [role=alert]")).to_contain_text("Not saved")
    assert conflict_shown(page) == FIRST
    expect(page.locator("#reason")).to_have_value("حدّ الاسم")
    expect(page.locator("#saving")).to_be_hidden()
    expect(page.locator("#counts")).to_have_text("7 open")
    assert len(held) == 1
    page.unroute("**/decisions")
    page.keyboard.press("1")
    (decision,) = await_decisions(site, page, 1)
    assert (decision["key"], decision["reason"]) == (FIRST, "حدّ الاسم")


def test_who_types_goes_on_typing_while_another_lead_decides(site: Site, page: Page) -> None:
    opened(site, page)
    page.keyboard.press("c")
    page.keyboard.type("بين ")
    state = site.server.desk.state(DOCUMENT)
    other = next(q for q in reversed(state.merged.spans) if q.is_open and q.question.key != FIRST).question
    with site.client() as client:
        body = {"key": other.key, "seen": other.seen, "standing": None, "choice": 1}
        assert client.post(f"/api/documents/{DOCUMENT}/decisions", json=body).status_code == 200
    expect(page.locator("#counts")).to_have_text("6 open")
    page.keyboard.type("قوسين")
    expect(page.locator("#reason")).to_have_value("بين قوسين")


@both
def test_going_from_document_to_document(site: Site, page: Page, how: str) -> None:
    site.server.queue.catch_up()
    opened(site, page)
    if how == "keyboard":
        page.keyboard.press("[")
    else:
        page.click("#previous-document")
    page.wait_for_url("**/documents/s10")
    page.wait_for_selector("#desk[data-ready]")
    if how == "keyboard":
        page.keyboard.press("]")
    else:
        page.click("#next-document")
    page.wait_for_url(f"**/documents/{DOCUMENT}")


@both
def test_attributes_of_a_relation_are_changed(site: Site, page: Page, how: str) -> None:
    opened(site, page)
    key = next(r for r in site_relations(site) if r["label"] == "agent")["key"]
    page.goto(f"{site.base}/documents/{DOCUMENT}#{key}")
    page.reload()
    page.wait_for_selector("#desk[data-ready]")
    do(page, how, "a", "attributes")
    page.select_option("dialog [name=certainty]", "hedged")
    if how == "keyboard":
        page.keyboard.press("Enter")
    else:
        page.click("dialog button.primary")
    (decision,) = await_decisions(site, page, 1)
    assert (decision["key"], decision["choice"]["attributes"]) == (key, {"certainty": "hedged"})


def second_shown(page: Page) -> str:
    """Decide the first conflict, whose save hangs or fails, and give the conflict that is shown ahead."""
    page.keyboard.press("1")
    assert conflict_shown(page) != FIRST
    return conflict_shown(page)


def test_who_types_on_the_next_conflict_loses_nothing_when_the_save_before_fails(site: Site, page: Page) -> None:
    """Nor is what is typed taken for keys: the page stays where it is, and the other conflict is open again."""
    opened(site, page)
    held: list[Any] = []
    page.route("**/decisions", lambda route: held.append(route))
    page.keyboard.press("c")
    page.keyboard.type("السبب الأول")
    page.keyboard.press("Enter")
    ahead = second_shown(page)
    page.keyboard.press("c")
    page.keyboard.type("السبب ")
    held[0].abort()
    expect(page.locator("#panel [role=alert]")).to_contain_text("Not saved")
    page.keyboard.type("x الثاني 1")
    assert conflict_shown(page) == ahead
    expect(page.locator("#reason")).to_have_value("السبب x الثاني 1")
    page.keyboard.press("Enter")
    page.keyboard.press("k")
    assert conflict_shown(page) == FIRST
    expect(page.locator("#reason")).to_have_value("السبب الأول")
    page.keyboard.press("j")
    expect(page.locator("#reason")).to_have_value("السبب x الثاني 1")
    assert len(site.decisions()) == 16


def test_a_decision_that_waited_behind_one_that_failed_keeps_its_reason(site: Site, page: Page) -> None:
    opened(site, page)
    held: list[Any] = []
    page.route("**/decisions", lambda route: held.append(route))
    ahead = second_shown(page)
    page.keyboard.press("c")
    page.keyboard.type("بعده")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    held[0].abort()
    expect(page.locator("#panel")).to_have_attribute("data-item", FIRST)
    page.keyboard.press("j")
    assert conflict_shown(page) == ahead
    expect(page.locator("#reason")).to_have_value("بعده")


def test_a_range_that_was_not_saved_is_still_being_edited(site: Site, page: Page) -> None:
    opened(site, page)
    page.keyboard.press("e")
    page.keyboard.press("Control+ArrowRight")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#panel [role=alert]")).to_contain_text("Not saved")
    expect(page.locator("#draft mark")).to_have_text("مدينة")
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    (decision,) = await_decisions(site, page, 1)
    assert (decision["choice"]["start"], decision["choice"]["end"]) == (103, 108)


def test_a_span_that_was_not_saved_is_still_being_drawn(site: Site, page: Page) -> None:
    opened(site, page)
    page.context.set_offline(True)
    select_text(page, 116, 121, site.project.store.document(DOCUMENT).text)
    page.click("dialog [data-label=ACTOR]")
    expect(page.locator("#panel [role=alert]")).to_contain_text("Not saved")
    expect(page.locator("#draft mark")).to_have_text("عاصمة")
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    page.click("dialog [data-label=ACTOR]")
    assert await_decisions(site, page, 1)[0]["choice"] == {"start": 116, "end": 121, "label": "ACTOR"}


def test_a_question_that_was_not_sent_is_still_typed(site: Site, page: Page) -> None:
    opened(site, page)
    page.context.set_offline(True)
    page.keyboard.press("b")
    page.keyboard.type("أين ينتهي الاسم؟")
    page.keyboard.press("Enter")
    expect(page.locator("#panel [role=alert]")).to_contain_text("Not saved")
    page.context.set_offline(False)
    page.keyboard.press("b")
    expect(page.locator("dialog textarea")).to_have_value("أين ينتهي الاسم؟")
    page.keyboard.press("Enter")
    expect(page.locator("#announce")).to_have_text("Sent back.")
    assert site.entries("send_back")[0].payload["reason"] == "أين ينتهي الاسم؟"


def test_the_reason_goes_with_a_decision_that_insists(site: Site, page: Page) -> None:
    opened(site, page)
    with site.client() as client:
        question = next(q for q in client.get(f"/api/documents/{DOCUMENT}").json()["questions"] if q["key"] == FIRST)
        body = {"key": FIRST, "seen": question["seen"], "standing": None, "choice": 1}
        client.post(f"/api/documents/{DOCUMENT}/decisions", json=body)
    page.keyboard.press("c")
    page.keyboard.type("الاسم وحده")
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    expect(page.locator("dialog")).to_contain_text("lead decided this meanwhile:")
    page.keyboard.press("m")
    second = await_decisions(site, page, 2)[1]
    assert (second["choice"], second["reason"]) == (2, "الاسم وحده")


def test_a_page_without_its_server_says_so_and_goes_on_when_it_is_back(site: Site, page: Page) -> None:
    opened(site, page)
    page.context.set_offline(True)
    expect(page.locator("#away")).to_contain_text("The server cannot be reached", timeout=8000)
    page.context.set_offline(False)
    expect(page.locator("#away")).to_be_hidden(timeout=8000)
    page.keyboard.press("1")
    await_decisions(site, page, 1)


@pytest.mark.parametrize("width", [700, 1000, 1280])
def test_no_text_moves_when_the_server_is_gone(site: Site, page: Page, width: int) -> None:
    """It moved away below a mouse that was selecting in it."""
    page.set_viewport_size({"width": width, "height": 800})
    opened(site, page)
    before = page.locator("#text").bounding_box()
    page.context.set_offline(True)
    expect(page.locator("#away")).to_contain_text("The server cannot be reached", timeout=8000)
    assert page.locator("#text").bounding_box() == before


@pytest.mark.parametrize("arcs", ["none", "selected", "open", "all"])
def test_the_current_conflict_stays_in_sight_when_arcs_are_filtered(site: Site, page: Page, arcs: str) -> None:
    opened(site, page)
    page.keyboard.press("k")
    mark = page.locator(".mark.current, .arc.current").first
    page.select_option("#arcs", "none" if arcs == "all" else "all")
    page.select_option("#arcs", arcs)
    page.uncheck("#lanes")
    box, frame = mark.bounding_box(), page.locator("#text").bounding_box()
    assert box is not None
    assert frame is not None
    assert frame["y"] <= box["y"] <= frame["y"] + frame["height"] - 10


def test_keys_work_again_after_a_filter_of_arcs_is_left(site: Site, page: Page) -> None:
    opened(site, page)
    page.select_option("#arcs", "none")
    page.focus("#arcs")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert conflict_shown(page) != FIRST
    page.click("#lanes")
    page.keyboard.press("k")
    assert conflict_shown(page) == FIRST


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(PASSWORD)


def test_two_people_on_one_document_are_told_of_each_other_by_name(
    site: Site, page: Page, browser: Any, password_hash: str
) -> None:
    for name, role in (("lamis", "lead"), ("root", "admin")):
        site.server.access.accounts.add(name, role, password_hash, by="test", at="2026-01-01T00:00:00Z")
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-GB")
    other = context.new_page()
    for window, name in ((page, "lamis"), (other, "root")):
        window.goto(f"{site.base}/documents/{DOCUMENT}")
        window.fill("[name=name]", name)
        window.fill("[name=password]", PASSWORD)
        window.keyboard.press("Enter")
        window.wait_for_selector("#desk[data-ready]")
    other.keyboard.press("1")
    expect(other.locator("#counts")).to_have_text("6 open")
    expect(page.locator("#announce")).to_have_text("root decided here: 1", timeout=8000)
    expect(page.locator("#counts")).to_have_text("6 open")
    page.route("**/changes", lambda route: route.abort())
    page.keyboard.press("j")
    assert conflict_shown(page) == conflict_shown(other)
    other.keyboard.press("1")
    expect(other.locator("#counts")).to_have_text("5 open")
    page.keyboard.press("x")
    expect(page.locator("dialog[open]")).to_contain_text("root decided this meanwhile:")
    page.keyboard.press("Escape")
    expect(page.locator("#counts")).to_have_text("5 open")
    assert [(d["by"], d["choice"]) for d in fresh(site, 16)] == [("root", 1), ("root", 1)]
    context.close()


def test_an_annotator_is_not_told_what_differs_before_the_gold_is_shown(
    site: Site, page: Page, password_hash: str
) -> None:
    accounts = site.server.access.accounts
    for name, role in (("root", "admin"), ("amal", "annotator")):
        accounts.add(name, role, password_hash, by="test", at="2026-01-01T00:00:00Z")
    page.goto(f"{site.base}/documents/s11")
    page.fill("[name=name]", "amal")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk[data-ready]")
    assert page.locator(".lane i").count() > 10
    assert page.locator(".lane i.differs, .merged .mark").count() == 0
    expect(page.locator("#next-document")).to_be_hidden()
    page.goto(f"{site.base}/documents/s01")
    page.wait_for_selector("#desk[data-ready]")
    assert page.locator(".merged .mark").count() > 10
    assert 0 < page.locator(".lane i.differs").count() < page.locator(".lane i").count()
