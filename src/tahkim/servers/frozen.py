"""Runs a server's own program, by that server's Python: `python frozen.py PROGRAM [ARGUMENT …]`.

Python stops in the midst of an answer to look for garbage, among everything the program has ever loaded: in Label
Studio a million objects, 0.3 seconds each time, several times in an export. Here what was loaded when the first
answers had been given is never looked at again, and what a large one leaves behind is taken away when it is sent.
"""

import gc
import runpy
import sys
from contextlib import suppress

set_aside = 0


def clear(**_: object) -> None:
    """Called in each process of the server whenever it has answered a request or done a task.

    What is loaded is set aside after the first answer, and after the first large one, for which the rest was loaded.
    """
    global set_aside
    came_to_stay = gc.get_count()[2] > 0  # some thousands of objects
    if came_to_stay or not set_aside:
        gc.collect()
        if set_aside < 2:
            gc.freeze()
            set_aside += 1


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
