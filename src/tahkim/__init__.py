"""tahkim (تحكيم, adjudication): from raw Arabic conflict reports to gold data people can trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tahkim.gold.reading import load_gold as load_gold

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Load what Python users want from here only when it is asked for: the command line starts without it."""
    if name == "load_gold":
        from tahkim.gold.reading import load_gold

        return load_gold
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
