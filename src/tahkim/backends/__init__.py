"""The annotation tools: one file each, one small Protocol (`desks.Backend`), one dict.

What is a tool's own (its JSON, its requests, its unit of offsets) stays in its file; outside there are documents and
annotations. A further tool is a further file, a line in `BACKENDS`, one in `access.ENVIRONMENT` where it has logins,
and the contract test.
"""

from __future__ import annotations

from collections.abc import Callable

from tahkim.access import Access
from tahkim.backends.desks import Backend
from tahkim.errors import ServerError, UsageError


def _files(access: Access) -> Backend:
    from pathlib import Path

    from tahkim.backends.folder import Folder

    return Folder(Path(access.url))


def _label_studio(access: Access) -> Backend:
    from tahkim.backends.label_studio import LabelStudio

    return LabelStudio(access.url, access.secret, verify=access.ca or True)


def _doccano(access: Access) -> Backend:
    from tahkim.backends.doccano import Doccano

    return Doccano(access.url, access.user, access.secret, verify=access.ca or True)


BACKENDS: dict[str, Callable[[Access], Backend]] = {
    "files": _files,
    "label-studio": _label_studio,
    "doccano": _doccano,
}


def connect(access: Access) -> Backend:
    """The back end of an access. UsageError names the known tools, ServerError the extra that is not installed."""
    if access.tool not in BACKENDS:
        raise UsageError(f"unknown tool {access.tool!r} (known: {', '.join(BACKENDS)})")
    try:
        return BACKENDS[access.tool](access)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("label_studio_sdk", "doccano_client"):
            raise
        raise ServerError(f"{access.tool} needs an extra: pip install 'tahkim[{access.tool}]'") from None
