"""Releases without their texts, for texts that may not be passed on, and putting the texts back.

What stays in place of a text is its sha256 and its length, and of each span the hash of its surface under that of the
text: whoever has the text can prove that it is the right one, to the character. What a lead wrote as a reason stays: it
may quote a few words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from tahkim.errors import ReleaseError
from tahkim.interchange import named
from tahkim.model import Document, text_hash

Record = dict[str, Any]


def without_text(record: Mapping[str, Any]) -> Record:
    """A line of gold with `sha256` and `length` in place of `text`, and a `surface_sha256` on every span."""
    text = record["text"]
    digest = text_hash(text)
    found: Record = {}
    for key, value in record.items():
        if key == "text":
            found |= {"sha256": digest, "length": len(text)}
        elif key == "spans":
            found["spans"] = [
                {**span, "surface_sha256": surface_hash(digest, text[span["start"] : span["end"]])} for span in value
            ]
        else:
            found[key] = value
    return found


def with_text(record: Mapping[str, Any], text: str) -> Record:
    """The line as it was before `without_text`. ReleaseError where the text is another one."""
    name = named(record["doc_id"])
    digest = text_hash(text)
    if digest != record["sha256"]:
        raise ReleaseError(f"{name}: this is not the text that was annotated: its sha256 differs")
    found: Record = {}
    for key, value in record.items():
        if key == "sha256":
            found["text"] = text
        elif key == "spans":
            found["spans"] = [_bare(span, digest, text, name) for span in value]
        elif key != "length":
            found[key] = value
    return found


def _bare(span: Mapping[str, Any], digest: str, text: str, name: str) -> Record:
    if span["surface_sha256"] != surface_hash(digest, text[span["start"] : span["end"]]):
        raise ReleaseError(f"{name}: span {span['id']} is not where it was: the release was changed")
    return {key: value for key, value in span.items() if key != "surface_sha256"}


def surface_hash(text_digest: str, surface: str) -> str:
    """Hex sha256 of a surface under its text's hash: the same words in another text have another hash."""
    return sha256(f"{text_digest}\n{surface}".encode()).hexdigest()


class Copies:
    """One's own copies of texts: found by document id, and where ids differ by the text's sha256."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._by_id: dict[str, str] = {}
        self._by_hash: dict[str, str] = {}
        for document in documents:
            self._by_id[document.id] = document.text
            self._by_hash[document.sha256] = document.text

    def text_of(self, record: Mapping[str, Any]) -> str | None:
        """The text a line of gold was made on; the text of the same id, if only that is there; None if neither."""
        return self._by_hash.get(record["sha256"], self._by_id.get(record["doc_id"]))
