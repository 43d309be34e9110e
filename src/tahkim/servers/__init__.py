"""Annotation tools on this machine: installed once a version, started for a project on loopback, stopped again.

A server lives in an environment of its own under the user's cache, because none of them can share one with us. Its
first start (migrations) is done once as well and kept as a template; a project gets a copy.
"""

from tahkim.servers.running import Running, down, running, up
from tahkim.servers.tools import TOOLS

__all__ = ["TOOLS", "Running", "down", "running", "up"]
