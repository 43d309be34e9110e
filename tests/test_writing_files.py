"""Writing: a file appears whole or not at all, whatever fails on the way."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tahkim.errors import InputError
from tahkim.writing import write_lines, write_text


def refusal(path: Path | str, text: str = "new") -> str:
    with pytest.raises(InputError) as error:
        write_text(path, text)
    return str(error.value)


def run(script: str, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run Python code that prints the text of an InputError."""
    wrapped = (
        "import sys\nfrom tahkim.writing import write_lines, write_text\nfrom tahkim.errors import InputError\n"
        f"try:\n    {script}\nexcept InputError as error:\n    print(error, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", wrapped, *arguments]
    return subprocess.run(command, text=True, stderr=subprocess.PIPE, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_lines_and_text_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    write_lines(path, iter([{"b": "ب", "a": 1}, {}]))
    assert path.read_bytes() == '{"b":"ب","a":1}\n{}\n'.encode()
    write_text(path, "سطر\r\n")
    assert path.read_bytes() == "سطر\r\n".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError])
def test_a_failure_halfway_leaves_the_old_file_and_nothing_else(tmp_path: Path, failure: type[BaseException]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("old")

    def records() -> Iterator[object]:
        yield {"text": "x" * 1_000_000}
        raise failure

    with pytest.raises(failure):
        write_lines(path, records())
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: the write fails in the same place."""
    path = tmp_path / "a.txt"
    path.write_text("old")
    script = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); write_text(sys.argv[1], 'x' * 100_000)"
    )
    assert run(script, str(path)).stderr == f"{path}: cannot be written: file too large\n"
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_device_is_named() -> None:
    assert refusal("/dev/full") == "/dev/full: cannot be written: no space left on device"
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: cannot be written: is a folder, a file belongs here"
    path = tmp_path / "none" / "a.txt"
    assert refusal(path) == f"{path}: cannot be written: no such file or folder"
    (tmp_path / "file").write_text("x")
    path = tmp_path / "file" / "a.txt"
    assert refusal(path) == f"{path}: cannot be written: not a directory"


def test_a_device_is_written_to_and_stays_one() -> None:
    write_text(os.devnull, "x")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_link_stays_and_modes_are_those_of_ordinary_files(tmp_path: Path) -> None:
    real, link, fresh = tmp_path / "real.txt", tmp_path / "link.txt", tmp_path / "fresh.txt"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_text(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    write_text(fresh, "new")
    (tmp_path / "plain.txt").write_text("")
    assert fresh.stat().st_mode == (tmp_path / "plain.txt").stat().st_mode


def test_a_dash_is_stdout(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_lines("-", [{"a": "ب"}])
    assert capfdbinary.readouterr().out == '{"a":"ب"}\n'.encode()
    assert not Path("-").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_stdout_gives_one_line_and_no_traceback() -> None:
    with Path("/dev/full").open("wb") as full:
        done = run("write_text('-', 'x' * 1_000_000)", stdout=full)
    assert done.stderr == "standard output: cannot be written: no space left on device\n"
    assert done.returncode == 0


def test_a_closed_pipe_is_the_reader_s_leave_and_no_error_of_ours() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run("write_text('-', 'x' * 1_000_000)", stdout=writing)
    os.close(writing)
    assert done.stderr.splitlines()[-1] == "BrokenPipeError: [Errno 32] Broken pipe"
    assert "InputError" not in done.stderr
