"""The page: its template filled with what `contents` chose, and the sheet of its styles."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from math import isnan
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tahkim import __version__
from tahkim.agreement.report import Agreement
from tahkim.model import Corpus
from tahkim.report.contents import contents
from tahkim.report.glossary import GLOSSARY
from tahkim.report.language import DIRECTIONS, Translate, reason, translator
from tahkim.report.palette import palette
from tahkim.schema import Schema

_TEMPLATES = Path(__file__).parent / "templates"


def render(found: Agreement, corpus: Corpus, schema: Schema, language: str = "en") -> str:
    """The report as one HTML page in English (`en`) or Arabic (`ar`).

    `found` is of `corpus`, broken down by label, annotator, month and week. Nothing in the page is fetched or run; its
    content policy allows its own style sheet alone. The same input gives the same bytes.
    """
    _ = translator(language)
    inside = contents(found, corpus, schema)
    colours = palette(inside["labels"], schema)
    templates = _environment(_, language, schema)
    sheet = templates.get_template("report.css").render(colours=colours, lanes=inside["most_lanes"]).strip()
    digest = b64encode(sha256(sheet.encode("utf-8")).digest()).decode("ascii")
    number = {label: place for place, label in enumerate(colours)}
    page = templates.get_template("report.html").render(
        language=language,
        direction=DIRECTIONS[language],
        version=__version__,
        sheet=Markup(sheet),
        digest=digest,
        colour=number,
        found=found,
        **inside,
    )
    return page + "\n"


def _environment(_: Translate, language: str, schema: Schema) -> Environment:
    found = environment()
    name = _namer(language, schema)
    found.globals.update(term=GLOSSARY, _=_, reason=lambda text: reason(text, _), name=name)
    found.filters.update(number=_number, place=_place, named=name)
    found.tests["known"] = lambda value: not isnan(value)
    return found


def environment() -> Environment:
    """Where templates are found: what is put into one is escaped, but in style sheets, and what is missing raises."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=lambda name: name is None or not name.endswith(".css"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _namer(language: str, schema: Schema) -> Any:
    """What a label, relation or attribute is called: in Arabic by the schema's Arabic name, where it has one."""
    known: dict[str, str] = {}
    if language == "ar":
        attributes = [attribute for of in schema.attributes.values() for attribute in of.values()]
        known |= {attribute.name: attribute.ar for attribute in attributes if attribute.ar}
        known |= {relation.name: relation.ar for relation in schema.relations.values() if relation.ar}
        known |= {label.name: label.ar for label in schema.labels.values() if label.ar}
    return lambda name: known.get(name, name)


def _number(value: float, digits: int = 2) -> str:
    """A figure in Western digits, a dash where it is undefined; a minus is a minus sign."""
    return "–" if isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def _place(value: float, low: float, high: float) -> str:
    """Where a value lies on an axis from `low` to `high` that is 200 wide."""
    share = (min(max(value, low), high) - low) / (high - low)
    return f"{200 * share:.1f}"
