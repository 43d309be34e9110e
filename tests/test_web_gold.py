"""Releases over HTTP: listed, streamed, cached, in part, filtered; and with the tools that ML teams use."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Iterator
from hashlib import sha256

import httpx
import pandas as pd
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


def test_curl(site: Site, token: str) -> None:
    command = ["curl", "--silent", "--fail", "--compressed", "-H", f"Authorization: Bearer {token}", site.base + GOLD]
    assert subprocess.run(command, capture_output=True, check=True).stdout == released(site)


def test_pandas(site: Site, token: str) -> None:
    frame = pd.read_json(site.base + GOLD, lines=True, storage_options={"Authorization": f"Bearer {token}"})
    assert len(frame) == 12
    assert frame.loc[0, "text"] == json.loads(released(site).splitlines()[0])["text"]


def test_the_api_is_described(site: Site) -> None:
    with site.client() as client:
        paths = client.get("/api/openapi.json").json()["paths"]
    assert {"/api/releases", "/api/releases/{name}", "/api/releases/{name}/{file}"} <= set(paths)
    parameters = {p["name"] for p in paths["/api/releases/{name}/{file}"]["get"]["parameters"]}
    assert {"name", "file", "split", "label", "range"} <= parameters
