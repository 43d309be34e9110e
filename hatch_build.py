"""Compiles the rules with mypyc when the package is built or installed, where the machine has a C compiler.

Without one the same modules run as plain Python. `tahkim --version` tells which of the two runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path(__file__).parent / "src"
sys.path.insert(0, str(SOURCES))
from tahkim import compiled  # noqa: E402 (found in the line above)


def has_compiler() -> bool:
    """Whether there is a C compiler and what it needs to build for this Python."""
    command = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return sys.platform == "win32" or bool(
        shutil.which(command) and Path(sysconfig.get_path("include"), "Python.h").is_file()
    )


class CompileRules(BuildHookInterface):
    """Puts the compiled rules into `src/tahkim/_compiled`, and from there into a wheel."""

    def dependencies(self) -> list[str]:
        return ["mypy[mypyc]>=2.4"] if has_compiler() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        target = compiled.folder()
        if not target.is_dir() and not self._compile(target):
            self.app.display_warning("tahkim: the rules run as plain Python")
        elif version != "editable":
            build_data["pure_python"], build_data["infer_tag"] = False, True
            build_data["force_include"][str(target)] = target.relative_to(SOURCES).as_posix()

    def _compile(self, target: Path) -> bool:
        """Compile beside the target and move it there, so that there is all of it or nothing; older ones go."""
        if not has_compiler():
            self.app.display_warning("tahkim: no C compiler for this Python")
            return False
        target.parent.mkdir(exist_ok=True)
        with TemporaryDirectory(dir=target.parent) as work:
            command = [sys.executable, __file__, work]
            result = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False)
            if result.returncode:
                self.app.display_warning(f"tahkim: compiling the rules failed:\n{result.stdout}{result.stderr}")
                return False
            abi = target.name.rpartition("-")[0]
            for old in target.parent.glob(f"{abi}-*"):
                shutil.rmtree(old)
            Path(work, "modules").rename(target)
        return True


def compile_into(work: Path) -> None:
    """Make `modules` in this folder. The working directory is that of the sources: so tracebacks name them."""
    from mypyc.build import mypycify
    from setuptools import setup

    names = [path.relative_to(SOURCES).as_posix() for path in compiled.modules()]
    options = ["--follow-imports=silent", "--ignore-missing-imports", f"--cache-dir={os.devnull}"]
    # Higher levels of optimisation take longer and gain nothing: the time is spent in Python's own objects.
    made = mypycify(
        [*options, *names], opt_level="1", debug_level="0", target_dir=f"{work}/c", group_name=compiled.GROUP
    )
    setup(
        name="tahkim-rules",
        packages=[],
        ext_modules=made,
        script_args=["-q", "build_ext", "--build-lib", f"{work}/modules", "--build-temp", f"{work}/objects"],
    )


if __name__ == "__main__":
    compile_into(Path(sys.argv[1]))
