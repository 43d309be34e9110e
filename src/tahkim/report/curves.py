"""The picture of a simulation: the F1 of the release after each decision, a line for each order of deciding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any, NamedTuple

from tahkim.report.page import environment

NAMES = {"gain": "by expected gain", "least_confident": "least confident first", "random": "in random order"}
LEFT, RIGHT, TOP, BOTTOM = 56, 560, 24, 300
STEP = 0.05
"""Distance of the lines that F1 is read off by."""


class Line(NamedTuple):
    """One curve: its order, what it is called, and the path of its points."""

    order: str
    name: str
    path: str


def render_curves(simulated: Mapping[str, Any]) -> str:
    """The curves of `tahkim.adjudicate.simulation.simulate` as one SVG file, with its figures as its description."""
    curves: Mapping[str, Sequence[float]] = simulated["curves"]
    values = [value for curve in curves.values() for value in curve]
    low = floor(min(values) / STEP) * STEP
    high = max(ceil(max(values) / STEP) * STEP, low + STEP)
    scale = (BOTTOM - TOP) / (high - low)
    ticks = [round(low + STEP * i, 2) for i in range(round((high - low) / STEP) + 1)]
    last = simulated["conflicts"]
    first = simulated["first"]["decisions"]
    return (
        environment()
        .get_template("curves.svg")
        .render(
            lines=[Line(order, NAMES[order], _path(curves[order], high, scale)) for order in NAMES],
            ticks=[(value, round(TOP + (high - value) * scale, 1)) for value in ticks],
            decisions=last,
            first=first,
            first_at=round(LEFT + (RIGHT - LEFT) * first / max(last, 1), 1),
            after={NAMES[order]: (curves[order][0], curves[order][first], curves[order][-1]) for order in NAMES},
            room={"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
        )
    )


def _path(curve: Sequence[float], high: float, scale: float) -> str:
    step = (RIGHT - LEFT) / max(len(curve) - 1, 1)
    points = (f"{LEFT + step * i:.1f} {TOP + (high - value) * scale:.1f}" for i, value in enumerate(curve))
    return "M" + "L".join(points)
