"""What `tahkim --help` shows: the commands in panels, in the order of the work."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

PANELS = {
    "Begin": ("demo", "init", "schema", "rules"),
    "Reports in, suggestions made": ("ingest", "preannotate"),
    "People annotate": ("assign", "push", "pull", "watch", "desks", "import", "convert", "normalise"),
    "Servers to annotate in": ("up", "down", "login", "doctor"),
    "Measure": ("validate", "agree", "report", "evaluate"),
    "Adjudicate": ("merge", "conflicts", "queue", "decide", "serve", "user", "casebook", "simulate"),
    "Release": ("finish", "audit", "release", "verify", "diff", "hydrate"),
    "Keep": ("status", "log", "backup", "restore", "migrate-schema", "redact"),
}
"""Every command of the line and the panel it stands in; a test holds that none is left out."""


class Line(TyperGroup):
    """The commands of the line, sorted into their panels."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for panel, names in PANELS.items():
            for name in names:
                self.commands[name].rich_help_panel = panel  # type: ignore[attr-defined]

    def list_commands(self, ctx: object) -> list[str]:
        """Their names, panel by panel."""
        return [name for names in PANELS.values() for name in names]
