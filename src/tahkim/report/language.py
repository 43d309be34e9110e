"""The words of the report: English is what they are written in, `arabic.py` holds the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tahkim.errors import UsageError
from tahkim.report.arabic import ARABIC

DIRECTIONS: Mapping[str, str] = {"en": "ltr", "ar": "rtl"}

_VARYING = re.compile(r"documents have (\d+) to (\d+) annotators: alpha allows that, kappa does not")
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
