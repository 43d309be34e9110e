"""The compiled form of the rules: where it lies, and taking it where it is that of the sources as they are.

A build turns modules of `tahkim.rules` into C with mypyc (see `hatch_build.py`) and puts them into a folder named
after Python's ABI and a digest of the sources. So after any edit there is no compiled form until the next build, and
the sources themselves run; the code of other sources is never found.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableSequence
from hashlib import sha256
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path

PURE = "TAHKIM_PURE"
"""The environment variable that, set to anything, has the sources run even where there is a compiled form."""

GROUP = "tahkim_rules"
_LIBRARY = f"{GROUP}__mypyc"  # mypyc's name for what its modules share
_PACKAGE = Path(__file__).parent
_RARE = frozenset({"__init__", "examples", "explain", "lint", "score", "suggest"})


def modules() -> list[Path]:
    """The modules to compile: those that reading a report needs."""
    return sorted(path for path in (_PACKAGE / "rules").glob("*.py") if path.stem not in _RARE)


def folder() -> Path:
    """Where the compiled form of the sources as they are belongs, whether it is there or not."""
    digest = sha256()
    for path in (*modules(), *sorted((_PACKAGE / "text").glob("*.py")), _PACKAGE / "model.py"):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    abi = EXTENSION_SUFFIXES[0].split(".")[1]
    return _PACKAGE / "_compiled" / f"{abi}-{digest.hexdigest()[:16]}"


def library() -> ModuleSpec | None:
    """What the compiled modules share; None if these sources are not compiled or `TAHKIM_PURE` is set."""
    return None if os.environ.get(PURE) else PathFinder.find_spec(_LIBRARY, [str(folder())])


def description() -> str:
    """Which form of the rules runs, in words."""
    return "the rules run compiled" if library() else "the rules run as plain Python"


def take(search_path: MutableSequence[str]) -> bool:
    """Have the modules of `tahkim.rules` found in their compiled form first; False if there is none."""
    spec = library()
    if spec is None or spec.loader is None or spec.origin is None:
        return False
    sys.modules[_LIBRARY] = shared = module_from_spec(spec)
    spec.loader.exec_module(shared)
    search_path.insert(0, str(Path(spec.origin).parent / "tahkim" / "rules"))
    return True
