"""Keyed pseudonyms: one name a person throughout a project's releases, and no way back without the key."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any


def pseudonymiser(key: bytes, people: Iterable[str]) -> Callable[[Any], Any]:
    """A function that puts pseudonyms in place of these names, anywhere in a record.

    A string that is a name becomes the pseudonym; in longer strings (a reason, say) names are replaced where
    they stand as whole words. Keys of objects are left alone. The same key and name always give the same pseudonym.
    """
    names = {name: pseudonym(key, name) for name in people}
    within = _whole_words(names)

    def replace(value: Any) -> Any:
        if isinstance(value, str):
            return within.sub(lambda found: names[found[0]], value) if within else value
        if isinstance(value, dict):
            return {name: replace(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [replace(item) for item in value]
        return value

    return replace


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
