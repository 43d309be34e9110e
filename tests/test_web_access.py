"""Who gets in, who may do what, and what is refused: over HTTP against a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tahkim.clock import now
from tahkim.errors import UsageError
from tahkim.web import pages, releases, work
from tahkim.web.access import COOKIE, Access, DeniedError, hash_password, new_token
from tahkim.web.app import health
from tahkim.web.telemetry import JsonLines
from webserver import Site

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def peopled(site: Site, password_hash: str) -> Site:
    """The sample project with one user of each role."""
    for name, role in (("root", "admin"), ("lamis", "lead"), ("amal", "annotator"), ("mlteam", "reader")):
        site.server.access.accounts.add(name, role, password_hash, by="test", at=now())
    return site


@contextmanager
def logged_in(site: Site, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.base, headers={"origin": site.base}, timeout=30) as client:
        answer = client.post("/login", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        yield client


def decision(site: Site, doc_id: str = "s11") -> dict[str, object]:
    """A decision that can be taken on a document as it stands."""
    state = site.server.desk.state(doc_id)
    question = next(item.question for item in state.merged.settled if item.is_open and item.question)
    return {"key": question.key, "seen": question.seen, "standing": None, "choice": 1}


def test_the_link_of_a_project_without_users_works_once(site: Site) -> None:
    link = f"{site.base}/enter/{site.server.access.one_time_link()}"
    first = httpx.get(link)
    assert first.status_code == 303
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert httpx.get(link).json() == {"error": "this link was used already, or is none of this server"}
    assert httpx.get(f"{site.base}/queue", cookies={COOKIE: first.cookies[COOKIE]}).status_code == 200


def test_without_a_session_there_is_nothing_but_the_door(site: Site) -> None:
    with httpx.Client(base_url=site.base) as client:
        for path in ("/queue", "/documents/s11", "/api/documents/s11", "/api/releases", "/metrics", "/log"):
            assert client.get(path).status_code == 401, path
        page = client.get("/queue?label=LOC", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["location"]) == (303, "/login?next=%2Fqueue%3Flabel%3DLOC")
        assert client.get("/healthz").json()["status"] == "ok"


LEADS = {"lead", "admin"}
ROUTES = {
    ("POST", "/api/settings"): {"admin"},
    ("GET", "/api/documents/{doc_id:path}/changes"): LEADS,
    ("GET", "/api/documents/{doc_id:path}/like"): LEADS,
    ("GET", "/api/documents/{doc_id:path}"): {*LEADS, "annotator"},
    ("GET", "/api/guideline/{language}"): {*LEADS, "reader", "annotator"},
    ("GET", "/api/agreement"): LEADS,
    ("GET", "/metrics"): {*LEADS, "reader", "annotator"},
    ("GET", "/queue"): LEADS,
    ("GET", "/attributes"): LEADS,
    ("GET", "/agreement"): LEADS,
    ("GET", "/annotators"): LEADS,
    ("GET", "/log"): LEADS,
    ("GET", "/documents/{doc_id:path}"): {*LEADS, "annotator"},
    ("GET", "/work"): {*LEADS, "annotator"},
    ("GET", "/"): {*LEADS, "reader", "annotator"},
    ("GET", "/guidelines"): {*LEADS, "reader", "annotator"},
    ("GET", "/releases"): {*LEADS, "reader"},
}
"""Who may use a route; those of releases and those that change a document are in `roles_of`. No other goes unsaid."""

FOR_ALL = {"/login", "/enter/{secret}", "/logout", "/labels.css", "/messages/{language}", "/healthz"}
"""The door, and what it is drawn with: nothing of the project but the colours of its labels."""

VALUES = {"{doc_id:path}": "s11", "{name}": "sample-1", "{file:path}": "gold.jsonl", "{language}": "ar"}


def routes() -> list[tuple[str, str]]:
    """Every route there is, by method, read off the routers themselves."""
    found = [r for part in (health, work.router, releases.router, pages.router) for r in part.routes]
    return sorted((method, route.path) for route in found for method in route.methods - {"HEAD"})  # type: ignore[attr-defined]


def roles_of(method: str, path: str) -> set[str]:
    if path.startswith("/api/releases"):
        return {*LEADS, "reader"}
    if method == "POST" and path.startswith("/api/documents/"):
        return LEADS
    return ROUTES[method, path]


def asked(client: httpx.Client, method: str, path: str) -> int:
    for pattern, value in VALUES.items():
        path = path.replace(pattern, value)
    return client.request(method, path, json={} if method == "POST" else None).status_code


def test_no_route_answers_without_its_role(peopled: Site) -> None:
    """Every route, a new one too, by everybody: without a session 401, without the role 403, else neither."""
    guarded = [route for route in routes() if route[1] not in FOR_ALL]
    assert len(guarded) > 25
    with httpx.Client(base_url=peopled.base, headers={"origin": peopled.base}) as stranger:
        assert {route: asked(stranger, *route) for route in guarded if asked(stranger, *route) != 401} == {}
    for name, role in (("root", "admin"), ("lamis", "lead"), ("amal", "annotator"), ("mlteam", "reader")):
        with logged_in(peopled, name) as client:
            for method, path in guarded:
                status = asked(client, method, path)
                assert status not in (401, 500), f"{method} {path} as {role}: {status}"
                assert (status == 403) == (role not in roles_of(method, path)), f"{method} {path} as {role}: {status}"
                asks_more = method == "POST" or path.endswith("/like")
                assert status in (200, 202, 303, 403) or asks_more, f"{method} {path} as {role}: {status}"


def test_an_annotator_sees_own_work_alone(peopled: Site) -> None:
    with logged_in(peopled, "amal") as client:
        own = client.get("/api/documents/s11").json()
        assert [lane["annotator"] for lane in own["lanes"]] == ["amal"]
        assert own["questions"] == own["decisions"] == []
        assert own["merged"] == {"spans": [], "relations": []}
        settled = client.get("/api/documents/s01").json()
        assert settled["open"] == 0
        assert settled["merged"]["spans"] != []
    peopled.server.access.accounts.add("nobody", "annotator", hash_password(PASSWORD), by="test", at=now())
    with logged_in(peopled, "nobody") as client:
        answer = client.get("/api/documents/s11")
        assert (answer.status_code, answer.json()["error"]) == (404, "document s11 is not in the work of nobody")


def test_writes_from_other_sites_are_refused(site: Site) -> None:
    with site.client() as client:
        for headers in ({"origin": "https://evil.example"}, {"origin": "null"}):
            answer = client.post("/api/documents/s11/decisions", json=decision(site), headers=headers)
            assert answer.status_code == 403
        del client.headers["origin"]
        answer = client.post("/api/documents/s11/decisions", json=decision(site))
        assert answer.json() == {"error": "a write must come from this site's own pages, or with a token"}
        crossing = {"sec-fetch-site": "cross-site"}
        assert client.post("/api/documents/s11/decisions", json=decision(site), headers=crossing).status_code == 403
    assert len(site.decisions()) == 16


def test_failed_logins_are_limited_by_name_and_the_wait_is_told(peopled: Site) -> None:
    with httpx.Client(base_url=peopled.base, headers={"origin": peopled.base}, timeout=30) as client:
        for _ in range(5):
            answer = client.post("/login", json={"name": "lamis", "password": "wrong password"})
            assert (answer.status_code, answer.json()) == (401, {"error": "wrong name or password"})
        answer = client.post("/login", json={"name": "lamis", "password": PASSWORD})
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 301
        assert client.post("/login", json={"name": "root", "password": PASSWORD}).status_code == 200


def test_the_limit_of_logins_ends_after_its_window(site: Site, password_hash: str) -> None:
    time = 0.0
    access = Access(site.server.access.accounts, clock=lambda: time)
    access.accounts.add("lamis", "lead", password_hash, by="test", at=now())
    for _ in range(5):
        with pytest.raises(DeniedError):
            access.log_in("lamis", "wrong password", "10.0.0.1")
    with pytest.raises(DeniedError, match="too many failed logins: try again in 301 seconds"):
        access.log_in("lamis", PASSWORD, "10.0.0.1")
    time = 300.5
    assert access.log_in("lamis", PASSWORD, "10.0.0.1")


def test_tokens_do_what_their_scope_says_and_no_more(peopled: Site) -> None:
    accounts = peopled.server.access.accounts
    gold = new_token(accounts, "lamis", "gold", by="test")
    deciding = new_token(accounts, "lamis", "decide", by="test")
    too_much = new_token(accounts, "mlteam", "decide", by="test")

    def status(token: str, path: str, body: object = None) -> int:
        headers = {"authorization": f"Bearer {token}"}
        send = httpx.get(peopled.base + path, headers=headers) if body is None else None
        return (send or httpx.post(peopled.base + path, headers=headers, json=body)).status_code

    assert status(gold, "/api/releases") == 200
    assert status(gold, "/queue") == 403
    assert status(gold, "/api/documents/s11/decisions", decision(peopled)) == 403
    assert status(too_much, "/api/documents/s11/decisions", decision(peopled)) == 403
    assert status(deciding, "/api/documents/s11/decisions", decision(peopled)) == 200
    assert status(deciding, "/api/releases") == 403
    assert peopled.decisions()[-1]["by"] == "lamis"
    (kept,) = [token for token in accounts.tokens() if token.scope == "gold"]
    accounts.revoke_token(kept.id, by="root", at=now())
    assert status(gold, "/api/releases") == 401
    assert status("tahkim_made_up", "/api/releases") == 401


def test_the_store_holds_neither_passwords_nor_secrets(peopled: Site) -> None:
    token = new_token(peopled.server.access.accounts, "mlteam", "gold", by="test")
    with logged_in(peopled, "root") as client:
        session = client.cookies[COOKIE]
    content = b"".join(path.read_bytes() for path in (peopled.project.folder / ".tahkim").iterdir())
    for secret in (PASSWORD, token, session):
        assert secret.encode() not in content
    assert b"$argon2id$" in content


def test_changes_of_users_are_in_the_log_with_who(peopled: Site) -> None:
    accounts = peopled.server.access.accounts
    accounts.set_role("amal", "lead", by="root", at=now())
    accounts.remove("mlteam", by="root", at=now())
    said = [(e.by, e.payload["action"], e.payload["name"]) for e in peopled.entries("user")]
    assert said[-2:] == [("root", "role", "amal"), ("root", "remove", "mlteam")]
    assert peopled.project.store.verify_log() == []


def test_a_role_taken_away_and_a_user_removed_count_from_the_next_request(peopled: Site) -> None:
    accounts = peopled.server.access.accounts
    with logged_in(peopled, "lamis") as client:
        assert client.get("/queue").status_code == 200
        accounts.set_role("lamis", "reader", by="root", at=now())
        assert client.get("/queue").status_code == 403
        accounts.remove("lamis", by="root", at=now())
        assert client.get("/releases").status_code == 401


def test_sessions_of_a_project_without_users_end_with_the_first_user(site: Site, password_hash: str) -> None:
    with site.client() as client:
        assert client.get("/queue").status_code == 200
        site.server.access.accounts.add("lead", "reader", password_hash, by="test", at=now())
        assert client.get("/queue").status_code == 401


def test_logging_out_ends_the_session_on_the_server(peopled: Site) -> None:
    with logged_in(peopled, "lamis") as client:
        session = client.cookies[COOKIE]
        client.post("/logout")
    assert httpx.get(f"{peopled.base}/queue", cookies={COOKIE: session}).status_code == 401


def test_users_that_cannot_be_are_refused(peopled: Site) -> None:
    accounts = peopled.server.access.accounts
    for act, message in (
        (
            lambda: accounts.add("amal", "lead", "x", by="b", at=now()),
            "there is a user amal already: choose another name, or change the role",
        ),
        (
            lambda: accounts.add("x", "king", "x", by="b", at=now()),
            "unknown role 'king': choose one of annotator, lead, reader, admin",
        ),
        (
            lambda: accounts.remove("x", by="b", at=now()),
            "there is no user x: `tahkim user list` shows those there are",
        ),
        (
            lambda: new_token(accounts, "amal", "all", by="b"),
            "unknown scope 'all': choose one of gold, metrics, decide",
        ),
        (lambda: hash_password("short"), "a password has at least 10 characters"),
    ):
        with pytest.raises(UsageError) as refused:
            act()
        assert str(refused.value) == message


TAHKIM = Path(sys.executable).with_name("tahkim")


def tahkim(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([TAHKIM, *words, "--project", str(folder)], input=stdin, capture_output=True, text=True)


def test_users_on_the_command_line(sample_copy: Path) -> None:
    assert tahkim(sample_copy, "user", "add", "lamis", "lead", stdin=PASSWORD + "\n").stderr == "added lamis, lead\n"
    assert tahkim(sample_copy, "user", "role", "lamis", "admin").stderr == "lamis is admin now\n"
    token = tahkim(sample_copy, "user", "token", "lamis", "--scope", "gold").stdout.strip()
    assert token.startswith("tahkim_")
    listed = tahkim(sample_copy, "user", "list").stdout
    assert "lamis" in listed
    assert "(gold)" in listed
    refused = tahkim(sample_copy, "user", "remove", "lamis")
    assert refused.returncode == 2
    assert refused.stderr == ("tahkim: lamis is the only user: without users anyone on this machine could enter\n")


def test_without_users_only_this_machine_is_served(sample_copy: Path) -> None:
    refused = tahkim(sample_copy, "serve", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 2
    assert refused.stderr == (
        "tahkim: without users anyone who reaches 0.0.0.0 could enter: add one with `tahkim user add NAME admin`, "
        "or serve on 127.0.0.1\n"
    )


def test_every_answer_carries_the_policy(site: Site) -> None:
    with site.client() as client:
        for path in ("/queue", "/api/documents/s11", "/nowhere", "/healthz"):
            headers = client.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"


def test_every_request_is_a_json_line_of_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "tahkim.requests")
    with site.client() as client:
        client.get("/queue")
        client.get("/nowhere")
        client.get("/healthz")
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "tahkim.requests"]
    told = {line["path"]: (line["method"], line["status"], line["who"]) for line in lines}
    assert told["/queue"] == ("GET", 200, "lead")
    assert told["/nowhere"] == ("GET", 404, None)


def test_metrics_count_requests_and_the_state_of_the_project(site: Site) -> None:
    site.server.queue.catch_up()
    with site.client() as client:
        client.get("/api/documents/s11")
        text = client.get("/metrics").text
    assert 'tahkim_requests_total{method="GET",route="/api/documents/{doc_id:path}",status="200"} 1' in text
    assert "tahkim_open 17" in text
    assert "tahkim_documents 16" in text


def test_bodies_too_large_or_of_unknown_length_are_refused(site: Site) -> None:
    with site.client() as client:
        large = client.post("/api/documents/s11/decisions", content=b"x" * 1_000_001)
        endless = client.post("/api/documents/s11/decisions", content=iter([b"{}"]))
    assert large.status_code == endless.status_code == 413
