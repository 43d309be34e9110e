"""What bayes believes in the workbench: the order of the queue, and a posterior beside the votes."""

from __future__ import annotations

import logging

import pytest
from playwright.sync_api import Page, expect

from tahkim.adjudicate.decisions import standing
from tahkim.adjudicate.merge import learn
from tahkim.adjudicate.strategies import Settings
from tahkim.errors import UsageError
from tahkim.web.desk import Desk
from tahkim.web.queue import Wanted
from tahkim.workflow import settle
from webserver import Site


def by_command(site: Site) -> list[tuple[str, str, float]]:
    """The order of `tahkim queue`."""
    project = site.project
    found = settle.queue(project.store.corpus(), Settings(), project.schema, settle.decisions(project))
    return [(record["doc_id"], record["key"], record["priority"]) for record in found]


def by_page(site: Site) -> tuple[list[tuple[str, str | None, float]], bool]:
    rows, is_fresh = site.server.queue.rows(Wanted())
    return [(row.doc_id, row.key, row.priority) for row in rows], is_fresh


def test_the_queue_has_the_order_of_the_command(site: Site) -> None:
    site.server.queue.catch_up()
    before = by_command(site)
    counted = [row.priority for one in site.server.queue.summaries()[0].values() for row in one.rows]
    site.server.beliefs.catch_up()
    assert by_page(site) == (before, True)
    assert sorted(gain for _, _, gain in before) != sorted(counted)
    with site.client() as client:
        doc_id, key, _ = before[0]
        question = next(q for q in client.get(f"/api/documents/{doc_id}").json()["questions"] if q["key"] == key)
        body = {"key": key, "seen": question["seen"], "standing": None, "choice": 1}
        assert client.post(f"/api/documents/{doc_id}/decisions", json=body).status_code == 200
    rows, is_fresh = by_page(site)
    assert not is_fresh
    assert [row for row in rows if row in before] == [row for row in before if row in rows]
    site.server.beliefs.catch_up()
    assert by_page(site) == (by_command(site), True)


def test_a_queue_whose_order_is_not_worked_out_yet_says_so(site: Site, page: Page) -> None:
    site.server.queue.catch_up()
    site.server.beliefs.catch_up()
    site.enter(page)
    expect(page.locator(".hint")).not_to_contain_text("being worked out")
    site.project.store.append("setting", {"name": "x", "value": 1}, by="lead", at="2026-01-01T00:00:00Z")
    page.reload()
    expect(page.locator(".hint")).to_contain_text("The order is being worked out anew.")


def test_candidates_have_their_posteriors(site: Site, page: Page) -> None:
    site.server.beliefs.catch_up()
    corpus, schema = site.project.store.corpus(), site.project.schema
    stand = standing(settle.decisions(site.project), corpus.documents)
    beliefs = learn(corpus, Settings("bayes"), schema, stand).documents["s11"]
    item = next(i for i in site.server.desk.state("s11").merged.spans if i.is_open and i.question is not None)
    assert item.question is not None
    posteriors = beliefs.of_question(item.question)
    expected = [posteriors[candidate.reading] for candidate in item.question.candidates]
    with site.client() as client:
        questions = client.get("/api/documents/s11").json()["questions"]
    shown = next(q for q in questions if q["key"] == item.question.key)
    assert [candidate["posterior"] for candidate in shown["candidates"]] == expected
    site.enter(page)
    page.goto(f"{site.base}/documents/s11#{item.question.key}")
    page.wait_for_selector("#desk[data-ready]")
    facts = page.locator(".candidates .facts")
    for number, posterior in enumerate(expected):
        expect(facts.nth(number)).to_contain_text(f"p = {posterior:.2f}")


def test_what_could_not_be_worked_out_is_logged_and_the_order_before_it_stays(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.server.queue.catch_up()
    site.server.beliefs.catch_up()
    before, _ = by_page(site)
    site.project.store.append("setting", {"name": "x", "value": 1}, by="lead", at="2026-01-01T00:00:00Z")
    site.project.store.place = site.project.folder / "nowhere"
    with caplog.at_level(logging.ERROR, "tahkim"):
        site.server.beliefs.catch_up()
    assert "what bayes believes could not be worked out" in caplog.text
    assert "nowhere" in caplog.text
    assert by_page(site) == (before, False)


def test_a_strategy_that_learns_from_all_documents_is_not_served(site: Site) -> None:
    with pytest.raises(UsageError, match="bayes learns from all of them: serve with another --strategy"):
        Desk(site.project, Settings("bayes"))
