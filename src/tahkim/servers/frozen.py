"""Runs a server's own program, by that server's Python: `python frozen.py PROGRAM [ARGUMENT …]`.

Python stops in the midst of an answer to look for garbage, among everything the program has ever loaded: in Label
Studio a million objects, 0.3 seconds each time, several times in an export. Here what was loaded when the first
answer had been given is never looked at again, and what an answer leaves behind is taken away when it has been sent.
"""

import gc
import runpy
import sys
from contextlib import suppress


def clear(**_: object) -> None:
    """Called in each process of the server whenever it has answered a request or done a task."""
    if not gc.get_freeze_count():
        gc.collect()
        gc.freeze()
    elif any(gc.get_count()[1:]):  # more than a few hundred objects came to stay
        gc.collect()


def main() -> None:
    """Run the program with what a server's processes send out when they are done with something."""
    from django.core.signals import request_finished  # type: ignore[import-not-found]

    request_finished.connect(clear)
    with suppress(ImportError):  # only doccano has tasks
        from celery.signals import task_postrun  # type: ignore[import-not-found]

        task_postrun.connect(clear)
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
