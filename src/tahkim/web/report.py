"""The agreement report, worked out beside the requests and kept for as long as no annotation changes."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from tahkim.project import Project
from tahkim.web.desk import Desk
from tahkim.workflow import measure


class Report:
    """The last report asked for. One is worked out at a time."""

    def __init__(self, project: Project, desk: Desk) -> None:
        self._project = project
        self._desk = desk
        self._computing = ThreadPoolExecutor(1, "report")
        self._call = -1
        self._future: Future[dict[str, Any]] | None = None

    def now(self) -> Future[dict[str, Any]]:
        """The report on the annotations as they are, begun if it is not there."""
        call = self._desk.refresh().call
        if self._future is None or self._call != call:
            self._call, self._future = call, self._computing.submit(self._compute)
        return self._future

    def _compute(self) -> dict[str, Any]:
        return measure.agree(self._project.store.corpus(), self._project.schema).to_json()

    def stop(self) -> None:
        self._computing.shutdown(wait=False, cancel_futures=True)
