"""The gold API: releases listed, their manifests, and their files streamed, whole, in part, or filtered."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response, StreamingResponse

from tahkim.errors import InputError, ReleaseError
from tahkim.interchange import dumps
from tahkim.web.server import SIGNED_IN, Reader, Server, TheServer, failures, json_response
from tahkim.workflow.publish import manifest_of

router = APIRouter(
    prefix="/api/releases", tags=["gold"], dependencies=SIGNED_IN, responses=failures(401, 403, 404, 422)
)

GOLD, MANIFEST = "gold.jsonl", "manifest.json"
BLOCK = 1 << 18
_TYPES = {".json": "application/json", ".jsonl": "application/x-ndjson", ".md": "text/markdown; charset=utf-8"}

Name = Annotated[str, InPath(pattern=r"^\w[\w.-]{0,63}$", description="the name of a release")]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "the file, packed where that was asked for", "content": {t: {} for t in _TYPES.values()}},
    206: {"description": "the range of it that was asked for"},
    304: {"description": "it is what `If-None-Match` names"},
    416: {"description": "the range lies outside the file"},
}


class Release(BaseModel):
    """A release in short; `files` maps the name of each to its size in bytes."""

    name: str
    created_at: str
    documents: int
    spans: int
    relations: int
    files: dict[str, int] = Field(description="size in bytes by name")


def listing(server: Server) -> list[Release]:
    """Every whole release of the project, the newest first."""
    found = [
        manifest_of(folder) for folder in sorted(server.project.exports.glob("*")) if (folder / MANIFEST).is_file()
    ]
    return sorted((_in_short(manifest) for manifest in found), key=lambda release: release.created_at, reverse=True)


def _in_short(manifest: dict[str, Any]) -> Release:
    counts = manifest["counts"]
    return Release(
        name=manifest["name"],
        created_at=manifest["created_at"],
        documents=counts["documents"],
        spans=counts["spans"],
        relations=counts["relations"],
        files={name: entry["bytes"] for name, entry in manifest["files"].items()},
    )


@router.get("")
def releases(server: TheServer, person: Reader) -> list[Release]:
    """All releases, the newest first."""
    return listing(server)


@router.get("/{name}")
def manifest(name: Name, server: TheServer, person: Reader) -> Response:
    """The manifest of a release: counts, settings, agreement, and the sha256 of each of its files."""
    return json_response(manifest_of(_folder(server, name)))


@router.head("/{name}/{file:path}", include_in_schema=False)
@router.get("/{name}/{file:path}", response_class=StreamingResponse, responses=_ANSWERS)
def file(
    name: Name,
    file: Annotated[str, InPath(min_length=1, max_length=200, description="a file that the manifest names")],
    server: TheServer,
    person: Reader,
    split: Annotated[str | None, Query(max_length=100, description="only documents of this split")] = None,
    label: Annotated[str | None, Query(max_length=100, description="only documents with a span of this label")] = None,
    accept_encoding: Annotated[str, Header(description="gzip, to have it packed")] = "",
    if_none_match: Annotated[str, Header(description="ETags of what is there already")] = "",
    range: Annotated[str | None, Header(description="bytes=FROM-TO, with `If-Range` where it may have changed")] = None,
) -> Response:
    """A file of a release. Files never change: their ETag is their sha256. `gold.jsonl` can be filtered.

    What is filtered has an ETag of its own and comes packed where that is asked for, but not in part.
    """
    folder = _folder(server, name)
    filters = split is not None or label is not None
    if filters and file != GOLD:
        raise InputError(f"{file} cannot be filtered: split and label go with {GOLD}")
    etag = f'"{_tag(_entry(folder, file), split, label)}"'
    if etag in [known.strip().removeprefix("W/") for known in if_none_match.split(",")]:
        return Response(status_code=304, headers={"etag": etag})
    media_type = _TYPES.get(Path(file).suffix, "application/octet-stream")
    headers = {"etag": etag, "vary": "accept-encoding", "cache-control": "private, max-age=31536000, immutable"}
    packs = (filters or range is None) and "gzip" in accept_encoding
    if not filters and not packs:
        return FileResponse(folder / file, media_type=media_type, headers=headers)
    content = _filtered(folder / file, split, label) if filters else _blocks(folder / file)
    headers["etag"] = f"W/{etag}"
    if packs:
        headers["content-encoding"] = "gzip"
    return StreamingResponse(_gzipped(content) if packs else content, media_type=media_type, headers=headers)


def _tag(entry: str, split: str | None, label: str | None) -> str:
    """What tells a file from any other; of a filtered one, with its filters."""
    if split is None and label is None:
        return entry
    return sha256(msgspec.json.encode([entry, split, label])).hexdigest()


def _folder(server: Server, name: str) -> Path:
    folder = server.project.exports / name
    if not (folder / MANIFEST).is_file():
        raise ReleaseError(f"there is no release {name}: GET /api/releases lists those there are")
    return folder


def _entry(folder: Path, file: str) -> str:
    """The sha256 of a file that the manifest names, or of the manifest itself."""
    if file == MANIFEST:
        from tahkim.gold.release import file_hash

        return file_hash(folder / MANIFEST)
    entry = manifest_of(folder)["files"].get(file)
    if entry is None:
        raise ReleaseError(f"release {folder.name} has no file {file}: its manifest lists those it has")
    return str(entry["sha256"])


def _filtered(path: Path, split: str | None, label: str | None) -> Iterator[bytes]:
    def keep(record: dict[str, Any]) -> bool:
        right_split = split is None or record.get("split") == split
        return right_split and (label is None or any(span["label"] == label for span in record.get("spans", ())))

    with path.open("rb") as lines:
        for line in lines:
            record = msgspec.json.decode(line)
            if keep(record):
                yield dumps(record) + b"\n"


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            yield block


def _gzipped(content: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for block in content:
        if packed := packer.compress(block):
            yield packed
    yield packer.flush()
