"""The words of the report: English is what they are written in, `arabic.py` holds the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tahkim.errors import UsageError
from tahkim.report.arabic import ARABIC

DIRECTIONS: Mapping[str, str] = {"en": "ltr", "ar": "rtl"}

_VARYING = re.compile(r"documents have (\d+) to (\d+) annotators: alpha allows that, kappa does not")
_FEW = re.compile(r"(\w+): (\d+) groups of documents, intervals from fewer than 20 are rough")
_ARMS = re.compile(r"(\w+): some readings began from a pre-annotation \(([\w, ]+)\): read the arms, not the pool")
_NO_ITEM = re.compile(r"no such item in the (\w+) arm")

Translate = Callable[..., str]


def check_language(language: str) -> str:
    """The language itself; UsageError for one the report is not written in."""
    if language not in DIRECTIONS:
        raise UsageError(f"unknown language {language!r}: known are {', '.join(DIRECTIONS)}")
    return language


def translator(language: str) -> Translate:
    """Gives each message in the language, with `{name}` filled in.

    >>> translator("en")("{n} documents", n=3), translator("ar")("Agreement report")
    ('3 documents', 'تقرير الاتفاق')
    """
    catalogue = ARABIC if check_language(language) == "ar" else {}

    def translate(message: str, **values: object) -> str:
        text = catalogue.get(message, message)
        return text.format(**values) if values else text

    return translate


def reason(text: str, _: Translate) -> str:
    """Why a figure is undefined, as the measures say it, in the language of the report."""
    if varying := _VARYING.fullmatch(text):
        low, high = varying.groups()
        return _("documents have {low} to {high} annotators: alpha allows that, kappa does not", low=low, high=high)
    if no_item := _NO_ITEM.fullmatch(text):
        return _("no such item in the arm: {arm}", arm=_(no_item.group(1)))
    return _(text)


def warning(text: str, _: Translate) -> str:
    """What a report warns of, in the language of who reads it."""
    if few := _FEW.fullmatch(text):
        of, n = few.groups()
        return _("{of}: {n} groups of documents, intervals from fewer than 20 are rough", of=_(of), n=n)
    if some := _ARMS.fullmatch(text):
        of, arms = some.groups()
        named = _(", ").join(_(arm) for arm in arms.split(", "))
        return _(
            "{of}: some readings began from a pre-annotation ({arms}): read the arms, not the pool",
            of=_(of),
            arms=named,
        )
    return _(text)


def in_language(report: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A report as JSON whose warnings, arms and reasons are told in a language; its figures stay as they are."""
    _ = translator(language)

    def told(figure: Mapping[str, Any]) -> dict[str, Any]:
        known = {
            "reason": figure.get("reason") and reason(figure["reason"], _),
            "arm": figure.get("arm") and _(figure["arm"]),
        }
        return {**figure, **{name: text for name, text in known.items() if text}}

    return {
        **report,
        "warnings": [warning(text, _) for text in report["warnings"]],
        "figures": [told(figure) for figure in report["figures"]],
    }
