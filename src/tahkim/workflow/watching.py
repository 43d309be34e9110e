"""Everything a tool holds of a project, taken in once or again and again: annotators' desks and the lead's."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic, sleep
from typing import NamedTuple

from tahkim.backends.desks import Backend
from tahkim.errors import ServerError
from tahkim.project import Project
from tahkim.workflow import lead_desk
from tahkim.workflow.desks import Progress, has_design, unshown
from tahkim.workflow.lead_desk import Decided
from tahkim.workflow.pulling import Pulled, pull

SETTLE_SECONDS = 0.5
"""An annotator's one click is several events: they are taken together."""

REST = 10
"""How many times as long as the last pull took the next is put off, for it costs the tool's server as much time."""


class Taken(NamedTuple):
    """What a pull of all desks brought; `decided` is None where the lead has no desk in the tool."""

    pulled: list[Pulled]
    decided: Decided | None

    @property
    def is_news(self) -> bool:
        """Whether anything is there to be told."""
        of_desks = any(each.new or each.revised or each.deleted or each.problems for each in self.pulled)
        return of_desks or (self.decided is not None and bool(self.decided.submissions or self.decided.problems))


def pull_all(project: Project, backend: Backend, progress: Progress = unshown) -> Taken:
    """Take in the lead's desk and the annotators', as far as there are any."""
    decided = lead_desk.pull(project, backend)
    # A project of which all readings came from files may have a desk for the lead alone.
    pulled = pull(project, backend, progress=progress) if decided is None or has_design(project) else []
    return Taken(pulled, decided)


def watch(project: Project, backend: Backend, every: float) -> Iterator[Taken]:
    """Pull again and again, for ever: when the tool says that something changed, at the latest every so many seconds.

    Where the tool can tell that nothing did, it is not asked for more. What comes out is each pull that brought
    anything. A server that is away for a while is waited for.
    """
    known: object = None
    with backend.told([project.store.project_id, lead_desk.desk_id(project)]) as changed:
        while True:
            changed.clear()
            began = monotonic()
            try:
                state = _state(project, backend)
                taken = pull_all(project, backend) if state is None or state != known else Taken([], None)
                known = None if any(each.problems for each in taken.pulled) else state
            except ServerError as error:
                taken = Taken([Pulled(backend.address, "", 0, 0, 0, 0, [str(error)])], None)
            took = monotonic() - began
            if taken.is_news:
                yield taken
            if changed.wait(every):
                sleep(max(SETTLE_SECONDS, REST * took))


def _state(project: Project, backend: Backend) -> object:
    """What tells that work on any desk has changed; None where the tool does not."""
    desks = [desk for of in (project.store.project_id, lead_desk.desk_id(project)) for desk in backend.desks(of)]
    states = [(desk.id, backend.state(desk)) for desk in desks]
    return None if any(state is None for _, state in states) else states
