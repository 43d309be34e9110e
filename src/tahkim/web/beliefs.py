"""What `bayes` believes of every candidate, and which decision it expects to bring most: the order of `tahkim queue`.

Learning from ten thousand documents takes seconds, so it is done beside the server in a process of its own (see
`believing`), when somebody looks and the store has grown, and for no more than a tenth of the time. Meanwhile the
beliefs before it stand. They decide nothing: they order the queue and are shown beside the votes.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from tahkim.adjudicate.questions import Question
from tahkim.adjudicate.strategies import Settings
from tahkim.errors import TahkimError
from tahkim.project import Project
from tahkim.store import Mark

REST = 9
"""How many times as long as learning took nothing is learned anew."""

log = logging.getLogger("tahkim")


class Task(msgspec.Struct):
    """What the process beside the server is told on its stdin."""

    folder: str
    store: str
    settings: Settings


class Believed(msgspec.Struct):
    """What that process gives back, on stdout.

    `queue` is document, key and expected gain of every open conflict, in the order of `tahkim queue`; `posteriors` is
    by document a map in MessagePack from the `seen` of a question and its key to the posterior of each candidate.
    """

    mark: tuple[int, int]
    queue: list[tuple[str, str | None, float]]
    posteriors: dict[str, bytes]


class Place(NamedTuple):
    """Where a conflict stands in the queue: its number in the order, and what deciding it is expected to bring."""

    rank: int
    gain: float


class Beliefs:
    """The last beliefs, kept up in the background."""

    def __init__(self, project: Project, settings: Settings) -> None:
        self._project = project
        self._settings = settings
        self._mark: Mark | None = None
        self._places: Mapping[tuple[str, str | None], Place] = {}
        self._posteriors: Mapping[str, bytes] = {}
        self._learning = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._worker = threading.Thread(target=self._work, name="beliefs", daemon=True)

    def start(self) -> None:
        self._wake.set()
        self._worker.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()
        if (process := self._process) is not None:
            process.kill()
        if self._worker.is_alive():
            self._worker.join()

    def places(self, now: Mark) -> tuple[Mapping[tuple[str, str | None], Place], bool]:
        """Place of each conflict by document and key, and whether that is how it stands at `now`.

        Where it is not, learning begins; a conflict that was not open when learning began has no place yet.
        """
        if self._mark != now:
            self._wake.set()
        return self._places, self._mark == now

    def of(self, doc_id: str) -> Callable[[Question], list[float]]:
        """Gives the posterior of each candidate of a document's question, from 0 to 1.

        Nothing for readings that were not learned from yet, and for questions of the document as a whole.
        """
        packed = self._posteriors.get(doc_id)
        known: Mapping[str, list[float]] = msgspec.msgpack.decode(packed) if packed is not None else {}
        return lambda question: known.get(name_of(question), [])

    def catch_up(self) -> None:
        """Learn from the store as it is now, if that was not done."""
        with self._learning:
            if self._mark == self._project.store.mark():
                return
            told = self._ask()
            if told is None:
                return
            believed = msgspec.msgpack.decode(told, type=Believed)
            self._places = {(doc, key): Place(n, gain) for n, (doc, key, gain) in enumerate(believed.queue)}
            self._posteriors = believed.posteriors
            self._mark = Mark(*believed.mark)

    def _ask(self) -> bytes | None:
        """Have it worked out; None when the server stops meanwhile, or when it failed, which the log then says."""
        task = Task(str(self._project.folder), str(self._project.store.place), self._settings)
        command = [sys.executable, "-m", "tahkim.web.believing"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as self._process:
            told, trouble = self._process.communicate(msgspec.json.encode(task))
        if self._process.returncode == 0:
            return told
        if not self._stop.is_set():
            log.error("what bayes believes could not be worked out: %s", trouble.decode(errors="replace").strip())
        return None

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            began = time.monotonic()
            try:
                self.catch_up()
            except TahkimError as error:
                log.error("what bayes believes could not be worked out: %s", error)
            self._stop.wait(REST * (time.monotonic() - began))


def name_of(question: Question) -> str:
    """What tells a question with these candidates from any other of its document."""
    return f"{question.key} {question.seen}"
