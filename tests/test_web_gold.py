"""Releases over HTTP: listed, streamed, cached, in part, filtered; and with the tools that ML teams use."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tahkim.clock import now
from tahkim.web.access import hash_password, new_token
from webserver import Site

GOLD = "/api/releases/sample-1/gold.jsonl"


@pytest.fixture
def token(site: Site) -> str:
    accounts = site.server.access.accounts
    accounts.add("mlteam", "reader", hash_password("a long password"), by="test", at=now())
    return new_token(accounts, "mlteam", "gold", by="test")


@pytest.fixture
def reader(site: Site, token: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.base, headers={"authorization": f"Bearer {token}"}, timeout=30) as client:
        yield client


def released(site: Site, name: str = "gold.jsonl") -> bytes:
    return (site.project.exports / "sample-1" / name).read_bytes()


def test_releases_are_listed_with_their_files(site: Site, reader: httpx.Client) -> None:
    (one,) = reader.get("/api/releases").json()
    assert (one["name"], one["documents"]) == ("sample-1", 12)
    assert one["files"]["gold.jsonl"] == len(released(site))
    manifest = reader.get("/api/releases/sample-1").json()
    assert manifest == json.loads(released(site, "manifest.json"))


def test_every_file_comes_as_it_was_released(site: Site, reader: httpx.Client) -> None:
    for name, entry in reader.get("/api/releases/sample-1").json()["files"].items():
        answer = reader.get(f"/api/releases/sample-1/{name}", headers={"accept-encoding": "identity"})
        assert sha256(answer.content).hexdigest() == entry["sha256"]
        assert answer.headers["etag"] == f'"{entry["sha256"]}"'
    assert reader.get("/api/releases/sample-1/manifest.json").content == released(site, "manifest.json")


def test_a_head_tells_size_and_etag(site: Site, reader: httpx.Client) -> None:
    head = reader.head(GOLD, headers={"accept-encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(released(site))
    assert head.headers["etag"] == f'"{sha256(released(site)).hexdigest()}"'
    assert head.headers["accept-ranges"] == "bytes"


def test_what_is_there_already_is_not_sent_again(site: Site, reader: httpx.Client) -> None:
    etag = reader.get(GOLD, headers={"accept-encoding": "identity"}).headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        again = reader.get(GOLD, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
    assert reader.get(GOLD, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_broken_download_goes_on_where_it_broke(site: Site, reader: httpx.Client) -> None:
    whole = released(site)
    etag = reader.get(GOLD, headers={"accept-encoding": "identity"}).headers["etag"]
    rest = reader.get(GOLD, headers={"range": "bytes=1000-", "if-range": etag})
    assert (rest.status_code, rest.content) == (206, whole[1000:])
    assert rest.headers["content-range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    assert reader.get(GOLD, headers={"range": f"bytes={len(whole)}-"}).status_code == 416
    changed = reader.get(GOLD, headers={"range": "bytes=1000-", "if-range": '"another"'})
    assert (changed.status_code, changed.content) == (200, whole)


def test_gzip_where_it_is_asked_for(site: Site, reader: httpx.Client) -> None:
    with reader.stream("GET", GOLD, headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == released(site)
    assert len(packed) < len(released(site)) / 3


def test_gold_is_filtered_by_label_and_split(site: Site, reader: httpx.Client) -> None:
    records = [json.loads(line) for line in released(site).splitlines()]
    wanted = [r for r in records if any(span["label"] == "DETAIN" for span in r["spans"])]
    assert 0 < len(wanted) < len(records)
    found = [json.loads(line) for line in reader.get(GOLD, params={"label": "DETAIN"}).text.splitlines()]
    assert found == wanted
    for split in {r.get("split") for r in records} - {None}:
        lines = reader.get(GOLD, params={"split": split}).text.splitlines()
        assert [json.loads(line) for line in lines] == [r for r in records if r.get("split") == split]
    assert reader.get(GOLD, params={"split": "no such split"}).text == ""


def test_what_is_not_there_is_said(reader: httpx.Client) -> None:
    for path, message in (
        ("/api/releases/nowhere", "there is no release nowhere: GET /api/releases lists those there are"),
        ("/api/releases/sample-1/x.csv", "release sample-1 has no file x.csv: its manifest lists those it has"),
        (
            "/api/releases/sample-1/..%2F..%2F.tahkim%2Fproject.db",
            "release sample-1 has no file ../../.tahkim/project.db: its manifest lists those it has",
        ),
    ):
        answer = reader.get(path)
        assert (answer.status_code, answer.json()) == (404, {"error": message})


DOCS = (Path(__file__).parents[1] / "docs/gold-api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```(bash|python)\n(.*?)```", DOCS, re.DOTALL)


def test_the_documentation_shows_every_tool() -> None:
    shown = "".join(code for _, code in EXAMPLES)
    for call in ("curl ", "pd.read_json", "datasets.load_dataset", "tahkim.load_gold"):
        assert call in shown


@pytest.mark.parametrize(("language", "code"), EXAMPLES, ids=["curl", "tahkim", "pandas", "datasets"])
def test_the_examples_of_the_documentation_run(
    site: Site, token: str, language: str, code: str, tmp_path: Path
) -> None:
    """Each as it stands, but for the address: it prints how many documents it was given."""
    command = ["bash", "-euc"] if language == "bash" else [sys.executable, "-c"]
    own = {"TAHKIM_TOKEN": token, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_TELEMETRY": "1"}
    code = code.replace("https://tahkim.example.org", site.base)
    done = subprocess.run([*command, code], capture_output=True, text=True, env={**os.environ, **own}, cwd=tmp_path)
    assert done.stdout.split() == ["12"], done.stderr


def test_what_was_filtered_is_packed_and_not_sent_again(site: Site, reader: httpx.Client) -> None:
    whole = reader.get(GOLD).headers["etag"]
    packed = reader.get(GOLD, params={"label": "KILL"}, headers={"accept-encoding": "gzip"})
    plain = reader.get(GOLD, params={"label": "KILL"}, headers={"accept-encoding": "identity"})
    other = reader.get(GOLD, params={"label": "LOC"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content != b""
    etag = plain.headers["etag"]
    assert packed.headers["etag"] == etag
    assert len({whole, etag, other.headers["etag"]}) == 3
    again = reader.get(GOLD, params={"label": "KILL"}, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_the_api_is_described(site: Site) -> None:
    with site.client() as client:
        paths = client.get("/api/openapi.json").json()["paths"]
    assert {"/api/releases", "/api/releases/{name}", "/api/releases/{name}/{file}"} <= set(paths)
    parameters = {p["name"] for p in paths["/api/releases/{name}/{file}"]["get"]["parameters"]}
    assert {"name", "file", "split", "label", "range"} <= parameters


def test_the_description_says_who_may_ask_and_what_may_come(site: Site, reader: httpx.Client) -> None:
    assert httpx.get(f"{site.base}/api/openapi.json").status_code == 401
    described = reader.get("/api/openapi.json").json()
    assert {s["type"] for s in described["components"]["securitySchemes"].values()} == {"http", "apiKey"}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], f"{method} {path}"
            if path == "/healthz":
                continue
            assert operation["security"], f"{method} {path}"
            assert {"200", "401", "403"} <= set(operation["responses"]), f"{method} {path}"
            for parameter in operation.get("parameters", []):
                assert parameter.get("description"), f"{method} {path} {parameter['name']}"
    file = described["paths"]["/api/releases/{name}/{file}"]["get"]
    assert {"206", "304", "404", "416"} <= set(file["responses"])
    refused = reader.get("/api/releases/../x", headers={"accept": "application/json"})
    assert set(reader.get("/api/releases/%20").json()) == {"error"}
    assert refused.status_code in (403, 404)
