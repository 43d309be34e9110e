"""Formats of a release beside `gold.jsonl`, one file a format: what is in the gold, in the form other tools read.

A writer is given a folder of its own, the items and the schema, and answers with figures for the manifest: what the
format could not hold. Libraries are imported by the writer alone, so that a release needs only those it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from msgspec import Struct

from tahkim.errors import UsageError
from tahkim.gold.content import Item
from tahkim.gold.formats import brat, conll, docbin, doccano, events, huggingface, parquet, soft, uima
from tahkim.schema import Schema

Writer = Callable[[Path, Sequence[Item], Schema], dict[str, Any]]


class Format(Struct, frozen=True):
    """How a format is written. `libraries` are distributions it needs, `extra` the extra of tahkim that brings them.

    `says` tells in one sentence what is in it, for the card. `readme` makes a README.md from the items and the card.
    """

    write: Writer
    says: str
    libraries: tuple[str, ...] = ()
    extra: str = ""
    readme: Callable[[Sequence[Item], str], str] | None = None


FORMATS: Mapping[str, Format] = {
    "brat": Format(brat.write, "one .txt and .ann a document, annotation.conf from the schema"),
    "conll": Format(conll.write, "a token a line with its offsets and BIO tag; where spans overlap the longest stands"),
    "doccano": Format(doccano.write, "JSONL as doccano imports it, offsets in UTF-16 units"),
    "events": Format(events.write, "events.csv, one row an event, in ACLED's columns where they map"),
    "huggingface": Format(
        huggingface.write,
        "a dataset folder: datasets.load_dataset(FOLDER)",
        ("pyarrow",),
        "parquet",
        huggingface.readme,
    ),
    "parquet": Format(parquet.write, "tables of documents, spans and relations", ("pyarrow",), "parquet"),
    "soft": Format(soft.write, "every candidate reading of every place with its share, as JSON Lines"),
    "spacy": Format(
        docbin.write, "a DocBin a split: doc.spans['gold'], doc.ents, relations in doc.user_data", ("spacy",), "spacy"
    ),
    "uima": Format(
        uima.write, "UIMA CAS XMI a document with TypeSystem.xml, as INCEpTION imports it", ("dkpro-cassis",), "uima"
    ),
}


def chosen(names: Iterable[str], formats: Mapping[str, Format]) -> dict[str, Format]:
    """The named formats, sorted, each once. UsageError for one that is not known or lacks its library."""
    found = {}
    for name in sorted(set(names)):
        if name not in formats:
            raise UsageError(f"unknown format {name!r}: choose from {', '.join(sorted(formats))}")
        found[name] = formats[name]
        library_versions(formats[name], name)
    return found


def library_versions(format: Format, name: str) -> dict[str, str]:
    """The installed version of each library a format needs. UsageError that says how to get a missing one."""
    try:
        return {library: version(library) for library in format.libraries}
    except PackageNotFoundError as error:
        raise UsageError(f"format {name} needs {error.name}: pip install 'tahkim[{format.extra}]'") from None
