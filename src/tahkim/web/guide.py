"""The annotation guideline for pages: its paragraphs as safe HTML, and which of them speak of a label."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from markdown_it import MarkdownIt

from tahkim import guideline

Record = dict[str, Any]
_BOUNDARY_CHAPTER = re.compile("begins and ends")
MOST = 4
"""How many paragraphs are named for one label."""


@cache
def paragraphs(language: str) -> list[Record]:
    """Number, title, chapter and HTML of every paragraph. HTML in the Markdown is shown as text."""
    render = MarkdownIt("commonmark", {"html": False}).render
    return [
        {"number": p.number, "title": p.title, "chapter": p.chapter, "html": render(p.body)}
        for p in guideline.load(language).paragraphs
    ]


@cache
def version(language: str) -> str:
    return guideline.load(language).version


@cache
def _prose() -> list[tuple[guideline.Paragraph, str]]:
    """The English paragraphs, whose labels have the names of the schema, and their text without examples."""
    return [(p, re.sub(r"```.*?```", "", p.body, flags=re.S)) for p in guideline.load("en").paragraphs]


@cache
def paragraphs_on(name: str) -> tuple[int, ...]:
    """Numbers of the paragraphs on a label, relation or attribute: those with it in their title, then those that speak
    of it most. `boundary` stands for where spans begin and end."""
    if name == "boundary":
        return tuple(p.number for p, _ in _prose() if _BOUNDARY_CHAPTER.search(p.chapter))
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    titled = [p.number for p, _ in _prose() if word.search(p.title)]
    counts = {p.number: len(word.findall(text)) for p, text in _prose() if p.number not in titled}
    spoken = sorted((n for n, count in counts.items() if count), key=lambda n: (-counts[n], n))
    return tuple([*titled, *spoken][:MOST])
