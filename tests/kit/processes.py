"""Which processes a test has brought into the world: they carry a mark in their environment."""

from __future__ import annotations

from pathlib import Path

MARK = "TEST_MARK"


def marked(mark: str) -> list[str]:
    """Command lines of the living processes whose environment holds `TEST_MARK=mark`."""
    entry = f"{MARK}={mark}".encode()
    folders = [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    return [line for folder in folders if (line := _command_line(folder, entry))]


def _command_line(folder: Path, entry: bytes) -> str:
    """The command line, empty when the process is another's or has gone."""
    try:
        mine = entry in (folder / "environ").read_bytes().split(b"\0")
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode() if mine else ""
    except OSError:
        return ""
