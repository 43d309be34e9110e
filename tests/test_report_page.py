"""The report as a page: its figures are those of `agree`, nothing is fetched or run, all of it is text for everyone."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from math import isnan
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace

from commands import run
from tahkim import schema as schemas
from tahkim.agreement import coefficients, coincidences, unitizing
from tahkim.agreement.corpus import f1, relations
from tahkim.agreement.report import Agreement, agree
from tahkim.backends.files import read_annotations
from tahkim.demo import SAMPLE
from tahkim.errors import InputError, UsageError
from tahkim.model import Annotation, Corpus, Document, Relation, Seen, Span
from tahkim.report import render
from tahkim.report.arabic import ARABIC
from tahkim.report.glossary import GLOSSARY
from tahkim.report.language import reason, translator
from tahkim.schema import Schema
from tahkim.workflow import measure

SCHEMA = schemas.load()
ANNOTATIONS = SAMPLE / "annotations.jsonl"
TEMPLATES = Path(__file__).resolve().parents[1] / "src" / "tahkim" / "report" / "templates"
HOSTILE = "<script>alert(1)</script>\"'&{{ 7 * 7 }}"

Page = dict[str, str]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_annotations(ANNOTATIONS)


@pytest.fixture(scope="module")
def found(corpus: Corpus) -> Agreement:
    return agree(corpus, SCHEMA, by=measure.REPORTED, samples=50)


@pytest.fixture(scope="module")
def pages(found: Agreement, corpus: Corpus) -> Page:
    return {language: render(found, corpus, SCHEMA, language) for language in ("en", "ar")}


class Elements(HTMLParser):
    """Every element with its attributes, and whether all that was opened was closed."""

    VOID = frozenset({"meta"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def words(page: str) -> str:
    return " ".join("".join(Elements(page).text).split())


def small(text: str = "قصف على بلدة الهري مساء", name: str = "amal", label: str = "LOC") -> Corpus:
    spans = (Span("s0", 0, 3, "SHELLING"), Span("s1", 8, 18, label))
    other = (Span("s0", 0, 3, "SHELLING"), Span("s1", 13, 18, label))
    tie = (Relation("r0", "place", "s0", "s1"),)
    readings = tuple(
        Annotation(doc_id="d1", annotator=who, spans=marks, relations=tie)
        for who, marks in ((name, spans), ("badr", other))
    )
    return Corpus({"d1": Document(id="d1", text=text)}, readings)


def page_of(corpus: Corpus, language: str = "en", schema: Schema = SCHEMA) -> str:
    return render(agree(corpus, schema, by=measure.REPORTED, samples=20), corpus, schema, language)


def shown(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def test_every_headline_figure_stands_in_the_page(found: Agreement, pages: Page) -> None:
    rows = re.findall(
        r'<tr( class="arm")?><th scope="row">(.*?)</th><td>.*?</td><td>(.*?)</td>', pages["en"], re.DOTALL
    )
    values = {html.unescape(name): re.sub(r"<[^>]+>", "", value) for arm, name, value in rows[::-1] if not arm}
    for name in ("span_f1_exact", "span_f1_lenient", "alpha", "alpha_unitizing", "relation_f1_strict"):
        figure = found.pick(name)
        interval = f"{shown(figure.value)} {shown(figure.low)} – {shown(figure.high)}"
        assert values[GLOSSARY[name].name] == interval
    assert "documents have 2 to 3 annotators" in values[GLOSSARY["kappa"].name]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_pair_label_relation_and_period_has_its_figure(language: str, found: Agreement, pages: Page) -> None:
    text = words(pages[language])
    spans = [f for f in found.figures if (f.of, f.measure, f.month) == ("humans", "span_f1_exact", None)]
    relations = [f for f in found.figures if f.of == "humans" and f.measure == "relation_f1_strict" and f.label]
    chosen = [f for f in spans if not (f.label and (f.pair or f.week))]
    chosen += [f for f in relations if not (f.pair or f.annotator or f.week or f.month)]
    assert {bool(f.week) for f in chosen} == {bool(f.annotator) for f in chosen} == {True, False}
    for figure in chosen:
        if not isnan(figure.value) and figure.arm is None:
            assert shown(figure.value) in text
            assert isnan(figure.low) or f"{shown(figure.low)} – {shown(figure.high)}" in text


def test_arms_never_stand_only_pooled(found: Agreement, pages: Page) -> None:
    text = words(pages["en"])
    for arm in ("shown", "mixed"):
        assert shown(found.pick("span_f1_exact", arm=arm).value) in text
    assert "read the arms (blind, shown, mixed), not the pool" in text


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_is_fetched_or_run(language: str, pages: Page) -> None:
    page = pages[language]
    elements = Elements(page)
    assert not {tag for tag, _ in elements.all} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    for _, attributes in elements.all:
        assert not {
            name for name in attributes if name.startswith("on") or name in ("src", "srcset", "style", "action")
        }
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"(?:https?:)?//\w|url\(|@import", page)
    sheet = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert sheet is not None
    digest = b64encode(sha256(sheet.group(1).encode()).digest()).decode()
    [policy] = [a["content"] for tag, a in elements.all if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_page_is_whole_and_its_links_lead_somewhere(language: str, pages: Page) -> None:
    elements = Elements(pages[language])
    assert elements.open == []
    ids = [attributes["id"] for _, attributes in elements.all if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {(attributes.get("href") or "")[1:] for tag, attributes in elements.all if tag == "a"}
    assert links <= set(ids)
    assert {"overall", "pairs", "labels", "confusions", "drift", "anchoring", "annotators", "worst"} <= links


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_plot_has_words(language: str, pages: Page) -> None:
    plots = re.findall(r"<svg.*?</svg>", pages[language], re.DOTALL)
    assert len(plots) > 50
    for plot in plots:
        assert 'role="img"' in plot
        assert re.search(r"<title[^>]*>[^<]+</title>", plot)
    [drift] = [plot for plot in plots if "drift-title" in plot]
    assert re.search(r"<desc[^>]*>[^<]*2025-W06: 0\.\d\d", drift)


def test_tables_say_what_their_cells_are_of(pages: Page) -> None:
    cells = [attributes for tag, attributes in Elements(pages["en"]).all if tag == "th"]
    assert cells
    assert all(attributes.get("scope") in ("row", "col", "rowgroup") for attributes in cells)


def test_languages_and_directions(pages: Page) -> None:
    for language, direction in (("en", "ltr"), ("ar", "rtl")):
        assert f'<html lang="{language}" dir="{direction}">' in pages[language]
    assert "غارة جوية" in words(pages["ar"])
    assert not re.search("[\u0600-\u06ff]", re.sub("«[^»]*»", "", words(pages["en"]).split("Which labels")[0]))


def messages() -> Iterator[str]:
    for path in TEMPLATES.iterdir():
        for match in re.finditer(r"""_\(\s*(["'])(.*?)\1\s*[,)]""", path.read_text(encoding="utf-8")):
            yield match.group(2)
    for term in GLOSSARY.values():
        yield from term
    yield from ("direction", "label", "endpoint", "missing", "boundary", "split", "attribute")
    yield from ("quote", "article", "clitic", "class noun", "conjunct", "words")
    yield from ("blind", "shown", "mixed", "week", "month", *get_args(Seen))


def test_every_message_has_its_arabic() -> None:
    every = set(messages())
    assert len(every) > 100
    assert every - set(ARABIC) == set()
    for message, arabic in ARABIC.items():
        assert sorted(re.findall(r"\{\w+\}", message)) == sorted(re.findall(r"\{\w+\}", arabic))


def test_every_reason_has_its_arabic() -> None:
    modules = (coefficients, coincidences, unitizing, f1, relations)
    known = {
        getattr(module, name)
        for module in modules
        for name in dir(module)
        if re.match("NO_|NOTHING_|BOTH_|OUT_OF_", name)
    }
    assert len(known) > 6
    assert known - set(ARABIC) == set()
    kappa = "documents have 2 to 3 annotators: alpha allows that, kappa does not"
    assert reason(kappa, translator("en")) == kappa
    assert reason(kappa, translator("ar")) == "للوثائق من 2 إلى 3 موسِّمين: ألفا تقبل ذلك وكابا لا تقبله"
    assert reason("no such item in the blind arm", translator("ar")) == "لا شيء من هذا في ذراع: بلا اقتراح"


@pytest.mark.parametrize("language", ["en", "ar"])
def test_text_names_and_labels_are_text(language: str) -> None:
    elements = Elements(page_of(small(HOSTILE, HOSTILE, HOSTILE), language))
    assert {tag for tag, _ in elements.all} == {tag for tag, _ in Elements(page_of(small(), language)).all}
    assert elements.open == []
    assert "".join(elements.text).count(HOSTILE) > 5
    assert HOSTILE in [attributes.get("data-l") for _, attributes in elements.all]


def test_lanes_hold_each_annotators_spans(found: Agreement, corpus: Corpus) -> None:
    page = page_of(small())
    [line] = re.findall(r'<p class="lanes n2" dir="auto">(.*?)</p>', page, re.DOTALL)
    pieces = re.findall(r'<span class="s( d)?((?: k\dc\d+)*)">(.*?)</span>', line)
    assert pieces == [
        ("", " k0c1 k1c1", "قصف"),
        (" d", " k0c0", "بلدة "),
        (" d", " k0c0 k1c0", "الهري"),
    ]
    assert re.sub(r"<[^>]+>", "", line) == "قصف على بلدة الهري مساء"
    starts = re.findall(r'<i class="t t(\d) x(\d+)" data-l="(\w+)"', line)
    assert starts == [("0", "3", "SHELLING"), ("1", "3", "SHELLING"), ("0", "10", "LOC"), ("1", "5", "LOC")]
    location, shelling = SCHEMA.labels["LOC"].color, SCHEMA.labels["SHELLING"].color
    assert f".k1c0 {{ --k1: {location}; }}" in page
    assert f".k1c1 {{ --k1: {shelling}; }}" in page


def test_a_clitic_inside_a_word_is_a_piece_of_its_own() -> None:
    spans = {"amal": (0, 6), "badr": (1, 6)}
    readings = tuple(
        Annotation(doc_id="d", annotator=name, spans=(Span("s", *place, "LOC"),)) for name, place in spans.items()
    )
    page = page_of(Corpus({"d": Document(id="d", text="بحلبيا قصف")}, readings))
    assert '<span class="s d k0c0">ب</span><span class="s d k0c0 k1c0">حلبيا</span>' in page


def test_lines_all_have_alike_are_counted_not_shown() -> None:
    corpus = small("جملة أولى هنا. " + "قصف على بلدة الهري مساء")
    moved = tuple(
        replace(a, spans=tuple(replace(s, start=s.start + 15, end=s.end + 15) for s in a.spans))
        for a in corpus.annotations
    )
    page = page_of(replace(corpus, annotations=moved))
    assert "⋯ lines that all have alike: 1" in page
    assert len(re.findall('<p class="lanes', page)) == 1


def test_a_long_sentence_is_cut_and_many_lines_are_counted() -> None:
    text = "قصف " * 4000
    marks = tuple(Span(f"s{i}", 4 * i, 4 * i + 3, "SHELLING") for i in range(0, 4000, 10))
    readings = (
        Annotation(doc_id="d", annotator="amal", spans=marks),
        Annotation(doc_id="d", annotator="badr", spans=marks[:1]),
    )
    page = page_of(Corpus({"d": Document(id="d", text=text)}, readings))
    assert len(re.findall('<p class="lanes', page)) == 14
    assert "⋯ more lines with differences: 36" in page
    assert len(page) < 300_000


def test_labels_and_names_the_schema_does_not_know() -> None:
    page = page_of(small(label="VESSEL"), "ar", Schema())
    assert "VESSEL" in page
    assert "#8ecae6" in page


def test_attributes_stand_where_they_differ() -> None:
    corpus = small()
    a, b = corpus.annotations
    said = replace(a.spans[0], attributes={"factuality": "NEGATED", "count": 2})
    other = replace(b.spans[0], attributes={"factuality": "ASSERTED", "count": 2})
    page = page_of(
        replace(corpus, annotations=(replace(a, spans=(said, *a.spans[1:])), replace(b, spans=(other, *b.spans[1:]))))
    )
    assert "factuality = NEGATED" in page
    assert "factuality = ASSERTED" in page
    assert "count = 2" not in page


def test_nothing_to_compare_is_said() -> None:
    lonely = replace(small(), annotations=small().annotations[:1])
    assert "No document has two submitted readings: there is nothing to compare." in page_of(lonely)
    assert "ليس لأي وثيقة قراءتان مُسلَّمتان" in page_of(lonely, "ar")
    assert Elements(page_of(Corpus({}, ()))).open == []


def test_the_same_input_gives_the_same_bytes_in_any_order(found: Agreement, corpus: Corpus, pages: Page) -> None:
    turned = replace(corpus, annotations=corpus.annotations[::-1])
    assert render(agree(turned, SCHEMA, by=measure.REPORTED, samples=50), turned, SCHEMA, "en") == pages["en"]


def test_gold_rules_and_a_chosen_one_have_their_sections(corpus: Corpus) -> None:
    gold = tuple(replace(a, annotator="gold", started_from=None) for a in corpus.annotations if a.annotator == "amal")
    page = measure.report(measure.with_gold(corpus, Corpus(corpus.documents, gold)), SCHEMA, chosen="basim")
    assert "<h2>With gold</h2>" in page
    assert "<h2>With basim</h2>" in page
    assert "agreement with it flatters them" in page
    assert "<h2>With the rules</h2>" not in page


def test_anchoring_is_shown_with_gold_suggestions_and_both_arms() -> None:
    base = small()
    a, b = base.annotations
    others = (
        replace(a, annotator="gold", spans=b.spans),
        replace(a, annotator="rules@1", spans=tuple(replace(s, rule="loc.named") for s in a.spans)),
        replace(a, started_from="rules@1"),
        b,
        replace(a, annotator="citra", started_from="rules@9"),
    )
    page = page_of(replace(base, annotations=others))
    row = re.search(r"wrong suggestions kept</th>.*?</tr>", page, re.DOTALL)
    assert row is not None
    shares = re.findall(r'<td class="count">([^<]*) <small>([^<]*)</small>', row.group())
    assert shares == [("1.00", "/ 1"), ("0.00", "/ 1")]
    assert "Not counted: readings that began from rules@9" in page


def written(tmp_path: Path, name: str, corpus: Corpus) -> Path:
    from tahkim.interchange import dumps, encode

    path = tmp_path / name
    lines = [dumps(encode(a, corpus.documents[a.doc_id])) for a in corpus.annotations]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_the_command_writes_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = written(tmp_path, "a.jsonl", small()), tmp_path / "report.html"
    done = run(capsys, "report", "--html", out, "--input", source, "--lang", "ar")
    assert (done.code, done.out, done.err) == (0, "", f"wrote {out}\n")
    page = out.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert run(capsys, "report", "--html", "-", "--input", source, "--lang", "ar").out == page


KNOWN = "badr, مها"


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--lang", "fr"), 2, "unknown language 'fr': known are en, ar"),
        (("--with", "zaki"), 2, f"there is no annotator 'zaki': known are {KNOWN}"),
        (
            ("--gold", "{other}"),
            2,
            "gold has none of the documents that were annotated: name the gold of these documents",
        ),
        (("--gold", "{text}"), 1, "d1: gold has another text than the annotations; compare like with like"),
        (("--gold", "{people}"), 2, f"the gold file has no annotator 'gold', known are: {KNOWN}"),
    ],
)
def test_wrong_use_is_told_and_nothing_is_written(
    options: tuple[str, ...], code: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = small(name="مها")
    one = tuple(replace(a, annotator="gold") for a in corpus.annotations[:1])
    other = Corpus({"d9": replace(corpus.documents["d1"], id="d9")}, tuple(replace(a, doc_id="d9") for a in one))
    text = Corpus({"d1": Document(id="d1", text="نص آخر في بلدة الهري مساء")}, one)
    files = {"other": other, "text": text, "people": corpus}
    paths = {name: written(tmp_path, f"{name}.jsonl", given) for name, given in files.items()}
    filled = [option.format(**paths) for option in options]
    out = tmp_path / "report.html"
    done = run(capsys, "report", "--html", out, "--input", written(tmp_path, "a.jsonl", corpus), *filled)
    assert (done.code, done.err.strip()) == (code, f"tahkim: {message}")
    assert not out.exists()


def test_gold_takes_the_place_of_gold() -> None:
    corpus = small()
    gold = tuple(replace(a, annotator="expert") for a in corpus.annotations[:1])
    first = measure.with_gold(corpus, Corpus(corpus.documents, gold))
    assert [a.annotator for a in first.annotations] == ["amal", "badr", "gold"]
    assert measure.with_gold(first, Corpus(corpus.documents, gold)) == first
    with pytest.raises(UsageError):
        measure.with_gold(corpus, Corpus(corpus.documents, ()))
    with pytest.raises(InputError):
        measure.with_gold(corpus, Corpus({"d1": Document(id="d1", text="غير")}, gold))
