"""Keyed pseudonyms: one name a person throughout a project's releases, and no way back without the key."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, TypeVar

from msgspec.structs import replace

from tahkim.model import Annotation, Relation, Span

Hide = Callable[[Any], Any]
Mark = TypeVar("Mark", Span, Relation)


def pseudonymiser(key: bytes, people: Iterable[str], *, keys: bool = False) -> Hide:
    """A function that puts pseudonyms in place of these names, anywhere in a record.

    A string that is a name becomes the pseudonym; in longer strings (a reason, say) names are replaced where
    they stand as whole words. Keys of objects are left alone, unless `keys` says that names stand there too. The same
    key and name always give the same pseudonym.
    """
    names = {name: pseudonym(key, name) for name in people}
    within = _whole_words(names)

    def hide(value: Any) -> Any:
        if isinstance(value, str):
            return within.sub(lambda found: names[found[0]], value) if within else value
        if isinstance(value, dict):
            return {names.get(name, name) if keys else name: hide(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [hide(item) for item in value]
        return value

    return hide


def hidden(gold: Annotation, hide: Hide) -> Annotation:
    """Gold with pseudonyms in its provenance; the reading itself stays as it is."""
    return replace(
        gold,
        spans=tuple(_hidden(span, hide) for span in gold.spans),
        relations=tuple(_hidden(relation, hide) for relation in gold.relations),
    )


def _hidden(mark: Mark, hide: Hide) -> Mark:
    """A mark whose support is sorted anew: its order must not tell that of the names."""
    support = {
        kind: sorted(hide(who)) if isinstance(who, list | tuple) else who for kind, who in (mark.support or {}).items()
    }
    extra = {name: hide(value) if name == "decision" else value for name, value in mark.extra.items()}
    return replace(mark, support=support, extra=extra)


def pseudonym(key: bytes, name: str) -> str:
    """`p-` and ten letters or digits from the HMAC-SHA256 of the name under the project's key.

    >>> pseudonym(b"key", "amal")
    'p-lhnmz6a424'
    """
    digest = hmac.new(key, name.encode("utf-8"), sha256).digest()
    return "p-" + b32encode(digest).decode("ascii").lower()[:10]


def _whole_words(names: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    if not longest_first:
        return None
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
