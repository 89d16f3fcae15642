"""The directory source on a real folder."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from services.ingest.adapters.folder import LocalFolder
from services.ingest.files import read_file
from services.ingest.ports import FolderFile, Page, Reach
from services.ingest.source import Polled
from services.ingest.sources.directory import MAX_FILES, Source, choose
from shared.errors import TransientError
from tests.ingest.conftest import NOW, FrozenClock, in_process, pauses


def file(name: str, *, stamp: str = "1", age: float = 60.0, size: int = 10) -> FolderFile:
    return FolderFile(name, size, stamp, age)


def names(files: tuple[FolderFile, ...]) -> list[str]:
    return [file.name for file in files]


def test_a_file_is_taken_once_and_again_when_it_changes() -> None:
    first = choose([file("a.txt")], {})
    assert names(first.take) == ["a.txt"]
    assert names(choose([file("a.txt")], first.cursor).take) == []
    assert names(choose([file("a.txt", stamp="2")], first.cursor).take) == ["a.txt"]


def test_a_file_that_is_being_written_waits_until_it_stands_still() -> None:
    growing = choose([file("a.txt", stamp="1", age=0.1)], {})
    assert (names(growing.take), growing.more) == ([], True)
    still_growing = choose([file("a.txt", stamp="2", age=0.1)], growing.cursor)
    assert names(still_growing.take) == []
    assert names(choose([file("a.txt", stamp="2", age=0.6)], still_growing.cursor).take) == ["a.txt"]


def test_a_file_that_is_gone_is_forgotten() -> None:
    taken = choose([file("a.txt"), file("b.txt")], {}).cursor
    assert choose([file("b.txt")], taken).cursor["done"] == {"b.txt": "1"}


def test_one_poll_takes_a_bounded_number_of_files_and_bytes() -> None:
    many = [file(f"{n:04}.txt") for n in range(MAX_FILES + 50)]
    first = choose(many, {})
    assert (len(first.take), first.more) == (MAX_FILES, True)
    assert len(choose(many, first.cursor).take) == 50
    large = choose([file(f"{n}.txt", size=15 * 1024 * 1024) for n in range(4)], {})
    assert (len(large.take), large.more) == (2, True)


async def poll(data: Path, cursor: Polled | None = None, *, path: str = "inbox", later: float = 60.0) -> Polled:
    async def nothing(url: str, *, etag: str | None = None, last_modified: str | None = None) -> Page | None:
        raise AssertionError("a folder fetches nothing")

    clock = FrozenClock(NOW + timedelta(seconds=later))
    source = Source(id="inbox", type="directory", path=path)
    return await source.poll(cursor.cursor if cursor else {}, Reach(nothing, in_process, LocalFolder(data, clock)))


def drop(data: Path, name: str, body: bytes) -> Path:
    path = data / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    return path


async def test_the_inbox_is_made_when_it_is_missing(tmp_path: Path) -> None:
    assert (await poll(tmp_path)).found == ()
    assert (tmp_path / "inbox").is_dir()


async def test_every_kind_of_file_is_collected_once(tmp_path: Path) -> None:
    drop(tmp_path, "a.txt", b"Title\nWords.")
    drop(tmp_path, "b.json", b'{"text": "b"}')
    drop(tmp_path, "c.jsonl", b'{"text": "c1"}\n{"text": "c2"}\n')
    drop(tmp_path, "d.HTML", b"<p>d</p>")
    first = await poll(tmp_path)
    assert [found.text or found.html for found in first.found] == ["Words.", "b", "c1", "c2", b"<p>d</p>"]
    assert (await poll(tmp_path, first)).found == ()


async def test_a_large_file_is_read_while_others_go_on(tmp_path: Path) -> None:
    body = b'{"text": "China will require licences.", "published_at": "2026-01-01"}\n' * 40_000
    drop(tmp_path, "a.jsonl", body)
    begun = time.perf_counter()
    read_file("a.jsonl", body)
    alone = time.perf_counter() - begun
    async with pauses() as found:
        assert len((await poll(tmp_path)).found) == 40_000
    assert max(found) < alone / 2


async def test_bad_files_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    drop(tmp_path, "a.json", b"{broken")
    drop(tmp_path, "b.jsonl", b'{"text": 1}\n{"text": "good"}')
    drop(tmp_path, "c.txt", b"\xff\xfe\xfa")
    drop(tmp_path, "d.txt", b"x" * (17 * 1024 * 1024))
    polled = await poll(tmp_path)
    assert [found.text for found in polled.found] == ["good"]
    assert [problem.split(":")[0] for problem in polled.problems] == ["a.json", "b.jsonl", "c.txt", "d.txt"]


async def test_what_is_no_article_file_is_left_alone(tmp_path: Path) -> None:
    for name in ("a.docx", ".hidden.txt", "~draft.txt", "a.txt.part"):
        drop(tmp_path, name, b"words")
    (tmp_path / "inbox" / "folder.txt").mkdir()
    (tmp_path / "inbox" / "link.txt").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "inbox" / "pipe.txt")
    assert await poll(tmp_path) == Polled((), {"done": {}, "waiting": {}}, (), None)


async def test_a_fresh_file_is_looked_at_again_a_second_later(tmp_path: Path) -> None:
    drop(tmp_path, "a.txt", b"half")
    first = await poll(tmp_path, later=0.2)
    assert (first.found, first.again_in) == ((), timedelta(seconds=1))
    assert len((await poll(tmp_path, first, later=1.2)).found) == 1


async def test_an_absolute_folder_that_is_missing_is_a_failure_that_may_pass(tmp_path: Path) -> None:
    with pytest.raises(TransientError, match="cannot be read"):
        await poll(tmp_path, path=str(tmp_path / "nowhere"))


async def test_a_pdf_is_handed_on_unread(tmp_path: Path) -> None:
    drop(tmp_path, "Notice.PDF", b"%PDF-1.4 ...")
    polled = await poll(tmp_path)
    assert [found.html for found in polled.found] == [b"%PDF-1.4 ..."]
