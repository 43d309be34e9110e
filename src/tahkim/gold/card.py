"""The dataset card: what a release holds, for people, from its manifest alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any


def dataset_card(manifest: Mapping[str, Any]) -> str:
    """Markdown for a manifest (without its `files`)."""
    sections = [
        f"# {manifest['name']}\n\nGold annotations, released {manifest['created_at']} by `{manifest['created_by']}` "
        f"with tahkim {manifest['tahkim']}.",
        "## What is in it\n\n" + _composition(manifest["counts"]),
        "## How it came to be\n\n" + _making(manifest),
        "## Annotators\n\n" + _annotators(manifest["annotators"]),
        "## Agreement\n\n" + _agreement(manifest["agreement"]),
        "## What is not in it\n\n" + _left_out(manifest),
        "## Licence\n\nNot stated: set it before you pass this data on. The texts belong to their publishers.",
        "## How to load it\n\n" + _LOADING,
    ]
    return "\n\n".join(sections) + "\n"


_LOADING = """```python
import json

with open("gold.jsonl", encoding="utf-8") as file:
    documents = [json.loads(line) for line in file]
for span in documents[0]["spans"]:
    print(span["label"], documents[0]["text"][span["start"]:span["end"]])
```

Offsets count Unicode code points. `tahkim verify FOLDER` checks every file against `manifest.json`."""


def _composition(counts: Mapping[str, Any]) -> str:
    intro = (
        f"{counts['documents']} documents with {counts['characters']} characters, {counts['spans']} spans "
        f"and {counts['relations']} relations."
    )
    labels = _table(("label", "spans"), counts["labels"].items())
    relations = _table(("relation", "number"), counts["relation_labels"].items())
    return "\n\n".join(part for part in (intro, labels, relations) if part)


def _making(manifest: Mapping[str, Any]) -> str:
    settings = manifest["settings"]
    rows = [(how, number, "spans") for how, number in manifest["counts"]["how"]["spans"].items()]
    rows += [(how, number, "relations") for how, number in manifest["counts"]["how"]["relations"].items()]
    rules = ", ".join(manifest["rules"]) or "none"
    return (
        f"Schema {manifest['schema']}, guideline {manifest['guideline']}, pre-annotation by rules: {rules}. "
        f"Merged by strategy `{settings['strategy']}`; open conflicts were decided by leads.\n\n"
        + _table(("settled by", "number", "of"), rows)
    )


def _annotators(annotators: Mapping[str, int]) -> str:
    return "People are named by pseudonyms.\n\n" + _table(("annotator", "documents submitted"), annotators.items())


def _agreement(figures: Mapping[str, Any]) -> str:
    rows = [
        (name, _number(figure.get("value")), _interval(figure), figure.get("reason") or "")
        for name, figure in figures.items()
    ]
    if not rows:
        return "Not measured: no document was annotated by two people."
    return _table(("measure", "value", "95 % interval", "note"), rows)


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _interval(figure: Mapping[str, Any]) -> str:
    low, high = figure.get("low"), figure.get("high")
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def _left_out(manifest: Mapping[str, Any]) -> str:
    left_out = manifest["left_out"]
    if not left_out:
        return "Every document of the project is in this release."
    counts = manifest["counts"]
    lengths = median(d["characters"] for d in left_out)
    intro = (
        f"{len(left_out)} documents are left out. Their median length is {lengths:.0f} characters; documents in the "
        f"release have {counts['characters'] / counts['documents']:.0f} on average."
    )
    rows = [(d["doc_id"], d["open"], d["why"]) for d in left_out]
    return intro + "\n\n" + _table(("document", "open conflicts", "why"), rows)


def _table(head: Sequence[str], rows: Any) -> str:
    lines = [" | ".join(_cell(value) for value in row) for row in rows]
    if not lines:
        return ""
    rule = " | ".join("---" for _ in head)
    return "\n".join(f"| {line} |" for line in (" | ".join(head), rule, *lines))


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
