"""Tests read the sources: a compiled module has no docstrings to try, and says nothing of lines that never ran.

`tests/test_rules_compiled.py` has the tests of the rules run on their compiled form.
"""

from __future__ import annotations

import os

os.environ.setdefault("TAHKIM_PURE", "1")
