"""Config directories with mistakes in them."""

from __future__ import annotations

import re
from pathlib import Path

from tests.kit.stack import make_config

SECRET = "whsec_YW4gZXhhbXBsZSwgbm90IGEgc2VjcmV0ISE="


def misspell(path: Path, pattern: str, replacement: str) -> str:
    """Break the first place in the file that matches; returns `file:line` as the command should name it."""
    text = path.read_text("utf-8")
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"{pattern} is not in {path}"
    path.write_text(text[: found.start()] + replacement + text[found.end() :], "utf-8")
    name = path.relative_to(next(parent for parent in path.parents if parent.name == "config").parent)
    return f"{name}:{text[: found.start()].count(chr(10)) + 1}"


def broken_config(folder: Path) -> tuple[Path, list[str]]:
    """A config with one typo in a file of each kind, and the `file:line` of each typo."""
    config = make_config(folder, receiver_url="http://127.0.0.1:1", secret=SECRET)
    rule = min((config / "rules").glob("*.yaml"))
    return config, [
        misspell(config / "sources.yaml", r"(?<=    )interval:", "intervall:"),
        misspell(config / "subscribers.yaml", r"channel:", "chanel:"),
        misspell(rule, r"^kind:", "knid:"),
        misspell(config / "lexicons" / "commodities.yaml", r"(?<=    )role:", "roll:"),
        misspell(config / "severity.yaml", r"level: critical", "level: critcal"),
    ]
