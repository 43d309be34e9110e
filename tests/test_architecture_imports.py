"""Imports point down only, and siblings do not know each other, but for the one definition of what belongs together."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "tahkim"

LAYERS = [
    {"cli"},
    {"web", "demo"},
    {"workflow"},
    {"project", "report"},
    {"rules", "backends", "agreement", "adjudicate", "gold", "store", "servers"},
    {"access", "events"},
    {"schema", "guideline"},
    {"normalise"},
    {"text"},
    {"writing"},
    {"interchange", "provenance", "assign"},
    {"model", "clock"},
    {"errors", "compiled", ""},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
SHARED = "tahkim.agreement.align"


def imports() -> Iterator[tuple[str, str, str]]:
    """Room and file of each import within the package, and the module it names; the package's face shows any room."""
    for path in sorted(set(PACKAGE.rglob("*.py")) - {PACKAGE / "__init__.py"}):
        room = path.relative_to(PACKAGE).with_suffix("").parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tahkim":
                names = [f"tahkim.{name.name}" for name in node.names] if node.module == "tahkim" else [node.module]
                yield from ((room, str(path.relative_to(PACKAGE)), str(name)) for name in names)
            elif isinstance(node, ast.Import):
                yield from ((room, str(path), n.name) for n in node.names if n.name.split(".")[0] == "tahkim")


def room_of(module: str) -> str:
    rest = module.split(".")[1:]
    return rest[0] if rest and rest[0] in LEVEL else ""


def test_every_room_has_its_level() -> None:
    rooms = {path.stem for path in PACKAGE.glob("*.py")} | {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert rooms - {"__init__", "tahkim"} <= set(LEVEL)


def test_imports_point_down() -> None:
    wrong = []
    for room, file, module in imports():
        target = room_of(module)
        if target != room and module != SHARED and LEVEL[target] <= LEVEL[room]:
            wrong.append(f"{file} imports {module}")
    assert wrong == []
