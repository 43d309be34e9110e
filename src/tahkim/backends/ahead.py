"""Calls that wait for a server, made while something else is done with what the earlier ones brought."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Answer = TypeVar("Answer")


def ahead(calls: Iterable[Callable[[], Answer]]) -> Iterator[Answer]:
    """The answers of calls in their order, one call under way at a time.

    While it is, the next is taken from `calls`, and the answer before it is used. None is made after one that failed;
    where taking one fails, that under way is waited for first.
    """
    running: list[Future[Answer]] = []
    try:
        for call in calls:
            answered = [future.result() for future in running]
            running = [_started(call)]
            yield from answered
        yield from (future.result() for future in running)
    except Exception:
        for future in running:
            future.exception()
        raise


def _started(call: Callable[[], Answer]) -> Future[Answer]:
    """A call in a thread of its own, which does not keep an interrupted program from ending."""
    future: Future[Answer] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
