"""Fixtures that every test may use, and the rule that CI accepts no skipped test."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from postgres import postgresql_server, postgresql_url, store_place
from tools import access, backend, doccano_server, label_studio_server, no_waiting, project_id
from webserver import browser, page, sample_copy, sample_folder, serve, site

__all__ = [
    "access",
    "backend",
    "browser",
    "doccano_server",
    "label_studio_server",
    "no_waiting",
    "page",
    "postgresql_server",
    "postgresql_url",
    "project_id",
    "sample_copy",
    "sample_folder",
    "serve",
    "site",
    "store_place",
]

# A shared machine may stall for a second: time is measured in benchmarks/, never by a test.
settings.register_profile("tahkim", deadline=None)
settings.load_profile("tahkim")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real reports and crowd data that lies beside a checkout, where there is one."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no measuring data at {SHARED_DATA}: it is not part of the repository")
    return SHARED_DATA


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="fail when any test is skipped, as CI does")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if not session.config.getoption("--no-skips"):
        return
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and exitstatus == 0:
        session.exitstatus = 1
