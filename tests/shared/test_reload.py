"""Noticing that files have changed, on a real directory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from shared.reload import Watch, fingerprint
from tests.kit.wait import until

PATTERNS = ("rules/*.yaml", "one.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files that count and one that does not."""
    (tmp_path / "rules").mkdir()
    for name in ("rules/a.yaml", "one.yaml", "other.yaml"):
        (tmp_path / name).write_text(name, "utf-8")
    return tmp_path


def test_a_fingerprint_follows_names_and_bytes_of_the_files_that_match(folder: Path) -> None:
    first = fingerprint(folder, PATTERNS)
    (folder / "other.yaml").write_text("edited", "utf-8")
    assert fingerprint(folder, PATTERNS) == first
    (folder / "rules" / "a.yaml").write_text("edited", "utf-8")
    second = fingerprint(folder, PATTERNS)
    (folder / "rules" / "a.yaml").rename(folder / "rules" / "b.yaml")
    assert len({first, second, fingerprint(folder, PATTERNS)}) == 3


def test_a_missing_folder_and_an_unreadable_file_have_a_fingerprint_of_their_own(folder: Path) -> None:
    first = fingerprint(folder, PATTERNS)
    (folder / "one.yaml").unlink()
    (folder / "one.yaml").mkdir()
    assert len({first, fingerprint(folder, PATTERNS), fingerprint(folder / "nowhere", PATTERNS)}) == 3


async def test_an_edit_is_told_once_and_what_is_no_edit_never(folder: Path) -> None:
    told = 0

    async def changed() -> None:
        nonlocal told
        told += 1

    watch = Watch(folder, PATTERNS, changed)
    assert not await watch.look()
    (folder / "one.yaml").write_text("edited", "utf-8")
    assert await watch.look()
    assert not await watch.look()
    assert told == 1


async def test_an_edit_made_between_making_the_watch_and_running_it_is_not_lost(folder: Path) -> None:
    seen = asyncio.Event()

    async def changed() -> None:
        seen.set()

    watch = Watch(folder, PATTERNS, changed)
    (folder / "one.yaml").write_text("edited", "utf-8")
    loop = asyncio.create_task(watch.run())
    await until(seen.is_set)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


async def test_a_folder_that_goes_away_and_comes_back_is_watched_on(folder: Path, tmp_path: Path) -> None:
    told: list[str] = []
    place = tmp_path / "place"

    async def changed() -> None:
        told.append("edit")

    watch = Watch(place, PATTERNS, changed)
    loop = asyncio.create_task(watch.run())
    place.mkdir()
    (place / "one.yaml").write_text("here", "utf-8")
    await until(lambda: len(told) == 1)
    (place / "one.yaml").unlink()
    place.rmdir()
    await until(lambda: len(told) == 2)
    place.mkdir()
    (place / "one.yaml").write_text("here again", "utf-8")
    await until(lambda: len(told) == 3)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
