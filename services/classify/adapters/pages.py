"""Writes pages to disk."""

from __future__ import annotations

from pathlib import Path

from shared.errors import ConfigError


def write_page(path: Path, text: str) -> None:
    """Write a file, whatever stood there before.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError.one(str(path), f"cannot be written: {error.strerror}", hint="choose another place") from error
