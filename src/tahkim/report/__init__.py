"""The agreement report: one HTML page that needs no network and no script, in English or Arabic."""

from __future__ import annotations

from tahkim.report.language import check_language
from tahkim.report.page import render

__all__ = ["check_language", "render"]
