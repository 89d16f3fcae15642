"""`python -m shared.contracts`: writes `deploy/contracts/`; with `--check` it only says which files are stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from shared.contracts.files import broken, generate, stale, write

FOLDER: Final = Path(__file__).resolve().parents[2] / "deploy" / "contracts"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done or fresh, 1 stale files or a breaking change."""
    parser = argparse.ArgumentParser(prog="python -m shared.contracts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is stale")
    parser.add_argument("--breaking", action="store_true", help="write even if that breaks readers (before a release)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the files are (default: deploy/contracts)")
    options = parser.parse_args(arguments)
    files = generate()
    if options.check:
        return _report("stale; run `python -m shared.contracts`", stale(options.folder, files))
    if not options.breaking and (found := broken(options.folder, files)):
        return _report("breaking change; make a new event type instead", found)
    write(options.folder, files)
    return 0


def _report(what: str, lines: Sequence[str]) -> int:
    for line in lines:
        print(f"{line}: {what}", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
