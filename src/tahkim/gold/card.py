"""The dataset card: what a release holds, for people, from its manifest alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from tahkim.gold.content import SPLITS

NAMED = 20
"""How many documents that are left out are named; the manifest has all."""


def dataset_card(manifest: Mapping[str, Any], formats: Mapping[str, str]) -> str:
    """Markdown for a manifest (without its `files`). `formats` says of each further format what is in it."""
    sections = [
        f"# {manifest['name']}\n\nGold annotations, released {manifest['created_at']} by `{manifest['created_by']}` "
        f"with tahkim {manifest['tahkim']}.",
        "## What is in it\n\n" + _contents(manifest["counts"]),
        "## Where the texts come from\n\n" + _sources(manifest["composition"]),
        "## Splits\n\n" + _splits(manifest),
        "## How it came to be\n\n" + _making(manifest),
        "## Annotators\n\n" + _annotators(manifest["annotators"]),
        "## Agreement\n\n" + _agreement(manifest["agreement"]),
        "## Audit\n\n" + _audit(manifest["audit"]),
        "## What is not in it, and known gaps\n\n"
        + _left_out(manifest)
        + _redacted(manifest["redacted"])
        + _gaps(manifest["gaps"]),
        "## Licence\n\n" + _licence(manifest),
        "## How to load it\n\n" + _loading(manifest, formats),
    ]
    return "\n\n".join(sections) + "\n"


_LOADING = """```python
import tahkim

gold = tahkim.load_gold("FOLDER")       # a folder, its gold.jsonl, or the URL of either
for record in gold:
    print(record["doc_id"], len(record["spans"]))
tables = gold.to_pandas()               # tables.spans, tables.relations
```

`gold.jsonl` is plain JSON Lines, one document a line. Offsets count Unicode code points. `tahkim verify FOLDER` checks
every file against `manifest.json`."""


_AGREEMENT = ("measure", "value", "95 % interval", "documents", "annotators", "units", "note")
_MEASURES = (
    "Of people with each other, before anything was merged; intervals resample stories. `span_f1_exact`: the same "
    "range and label; `alpha`: Krippendorff's, on the label of each token; `relation_f1_strict`: the same label "
    "between the same spans. Pairs where neither (blind), both (shown) or one (mixed) began from suggestions stand "
    "apart."
)


def _contents(counts: Mapping[str, Any]) -> str:
    intro = (
        f"{counts['documents']} documents with {counts['characters']} characters, {counts['spans']} spans "
        f"and {counts['relations']} relations."
    )
    labels = _table(("label", "spans"), counts["labels"].items())
    relations = _table(("relation", "number"), counts["relation_labels"].items())
    return "\n\n".join(part for part in (intro, labels, relations) if part)


def _sources(composition: Mapping[str, Any]) -> str:
    published = composition["published"]
    days = (
        f"published from {published['first']} to {published['last']} ({published['undated']} undated)"
        if published
        else "with no day of publication"
    )
    languages = ", ".join(f"{name} ({number})" for name, number in composition["languages"].items())
    return f"{composition['groups']} stories, {days}. Languages: {languages}.\n\n" + _table(
        ("outlet", "documents"), composition["outlets"].items()
    )


def _splits(manifest: Mapping[str, Any]) -> str:
    splits = manifest["splits"]
    shares = ", ".join(f"{name} {splits[name]}" for name in SPLITS)
    unassigned = splits["unassigned"]
    apart = (
        f" In no split, because they tie together stories that are in different splits: {', '.join(unassigned)}."
        if unassigned
        else ""
    )
    return (
        f"By stories (a group of reprints is one), with seed {splits['seed']} and shares {shares}; a document keeps "
        f"its split in every later release.{apart}{_empty_splits(manifest)}\n\n"
        + _table(("split", "documents"), manifest["counts"]["splits"].items())
    )


def _empty_splits(manifest: Mapping[str, Any]) -> str:
    empty = empty_splits(manifest)
    return f" No document is in {' or '.join(empty)}: there are too few stories." if empty else ""


def empty_splits(manifest: Mapping[str, Any]) -> list[str]:
    """Splits that should have a share of the documents and have none."""
    return [name for name in SPLITS if manifest["splits"][name] > 0 and name not in manifest["counts"]["splits"]]


def _making(manifest: Mapping[str, Any]) -> str:
    settings, how = manifest["settings"], manifest["counts"]["how"]
    rows = [
        (name, number, kind, _share(number, manifest["counts"][kind]))
        for kind in ("spans", "relations")
        for name, number in how[kind].items()
    ]
    rules = ", ".join(manifest["rules"]) or "none"
    return (
        f"Schema {manifest['schema']}, guideline {manifest['guideline']}, pre-annotation by rules: {rules}. "
        f"Merged by strategy `{settings['strategy']}`; {_left_open(manifest['counts']['open'])}\n\n"
        + _table(("settled by", "number", "of", "share"), rows)
    )


def _left_open(still_open: Mapping[str, int]) -> str:
    if not still_open["documents"]:
        return "what that left open was decided by leads."
    return (
        f"of what that left open, leads have not decided {still_open['questions']} questions in "
        f"{still_open['documents']} documents: what they are about is not in the gold, and each document lists the "
        "places in `open`."
    )


def _share(number: int, total: int) -> str:
    return f"{100 * number / total:.1f} %"


def _annotators(annotators: Mapping[str, int]) -> str:
    return "People are named by pseudonyms.\n\n" + _table(("annotator", "documents submitted"), annotators.items())


def _agreement(figures: Mapping[str, Any]) -> str:
    rows = [
        (
            *(name, _number(figure.get("value")), _interval(figure)),
            *(figure.get(of, "") for of in ("documents", "annotators", "units")),
            figure.get("reason") or "",
        )
        for name, figure in figures.items()
    ]
    if not rows:
        return "Not measured: no document was annotated by two people."
    return _MEASURES + "\n\n" + _table(_AGREEMENT, rows)


def _audit(audit: Mapping[str, Any] | None) -> str:
    if audit is None:
        return "Not audited: no error rate is known."
    rows = [
        (kind, _percent(figure["value"]), f"{_percent(figure['low'])} to {_percent(figure['high'])}", figure["of"])
        for kind, figure in audit["figures"].items()
    ]
    return (
        f"A lead read {audit['documents']} documents that were finished, {audit['blind']} of them blind. Commission: "
        "what is in the gold and should not be; omission: what should be and is not.\n\n"
        + _table(("error", "rate", "95 % interval", "marks looked at"), rows)
    )


def _percent(value: float | None) -> str:
    return "undefined" if value is None else f"{100 * value:.1f} %"


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
    length, length_in = fmean(d["characters"] for d in left_out), counts["characters"] / counts["documents"]
    intro = (
        f"{len(left_out)} documents are left out. They have {length:.0f} characters on average, documents in the "
        f"release {length_in:.0f}."
    )
    shares = [d["disagreement"] for d in left_out if d["disagreement"] is not None]
    if shares:
        intro += (
            f" On average people disagree on {_percent(fmean(shares))} of the places in them, and on "
            f"{_percent(manifest['disagreement'])} in documents of the release."
        )
    rows = [(d["doc_id"], d["open"], d["why"]) for d in left_out[:NAMED]]
    more = f"\n\n{len(left_out) - NAMED} more are in manifest.json." if len(left_out) > NAMED else ""
    return intro + "\n\n" + _table(("document", "open conflicts", "why"), rows) + more


def _redacted(redacted: Sequence[Mapping[str, Any]]) -> str:
    told = ", ".join(f"{each['doc_id']} ({each['at']})" for each in redacted)
    return f"\n\nTaken out after the release: {told}." if told else ""


def _gaps(gaps: Mapping[str, Sequence[str]]) -> str:
    told = {"never": "In the schema, but never in this gold", "few": "Fewer than ten times"}
    return "".join(f"\n\n{text}: {', '.join(gaps[kind])}." for kind, text in told.items() if gaps[kind])


def _licence(manifest: Mapping[str, Any]) -> str:
    said = manifest["licence"] or "Not stated: set it with `tahkim release --licence` before you pass this data on."
    texts = "The texts belong to their publishers." if manifest["text"] else "The texts are not in it."
    return f"{said.rstrip('.')}. {texts}"


def _loading(manifest: Mapping[str, Any], formats: Mapping[str, str]) -> str:
    if not manifest["text"]:
        return _LOADING + (
            "\n\nThe texts are left out. `tahkim hydrate FOLDER --texts REPORTS --to NEW` puts them back from your own "
            "copies."
        )
    rows = [(f"`{name}/`", says) for name, says in sorted(formats.items())]
    return _LOADING + ("\n\n" + _table(("also as", "what is in it"), rows) if rows else "")


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [" | ".join(_cell(value) for value in row) for row in rows]
    if not lines:
        return ""
    rule = " | ".join("---" for _ in head)
    return "\n".join(f"| {line} |" for line in (" | ".join(head), rule, *lines))


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
