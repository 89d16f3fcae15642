"""`orewire ingest backfill`: on real NATS and a real database, interrupted and taken up again."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.ingest.backfill import is_over, is_wanted, read_since
from services.ingest.dates import Moment
from services.ingest.found import Found
from services.ingest.source import Polled
from services.ingest.sources.directory import MAX_FILES
from shared.errors import ConfigError
from tests.ingest.conftest import NOW
from tests.ingest.test_service import collected, migrated, rows, run

SOURCES = "sources:\n- {id: archive, type: directory, path: archive, interval: 5s, enabled: false}\n"


def found(days: int | None) -> Found:
    return Found(text="x", published=None if days is None else Moment(NOW - timedelta(days=days)))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("30d", datetime(2026, 1, 13, tzinfo=UTC)),
        ("12h", datetime(2026, 2, 11, 21, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_since_is_a_duration_or_a_date(given: str, expected: datetime) -> None:
    assert read_since(given, NOW) == expected
    assert read_since(given, NOW + timedelta(minutes=30)) == expected


def test_a_since_that_is_neither_is_refused() -> None:
    with pytest.raises(ConfigError, match="--since"):
        read_since("yesterday", NOW)


def test_what_is_older_is_left_and_ends_the_backfill() -> None:
    since = NOW - timedelta(days=30)
    assert [is_wanted(found(days), since) for days in (1, 30, 31, None)] == [True, True, False, True]
    more = timedelta(seconds=1)
    assert not is_over(Polled((found(1), found(40)), again_in=more), since)
    assert is_over(Polled((found(40),), again_in=more), since)
    assert not is_over(Polled((), again_in=more), since)
    assert is_over(Polled((found(1),)), since)


async def test_an_interrupted_backfill_goes_on_where_it_stopped(
    nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sources.yaml").write_text(SOURCES, "utf-8")
    (tmp_path / "archive").mkdir()
    today = datetime.now(UTC)
    for number in range(MAX_FILES + 10):
        at = (today - timedelta(days=2 if number % 10 else 90)).isoformat()
        article = {"text": f"Notice {number}.", "url": f"https://n.example/{number}", "published_at": at}
        file = tmp_path / f"archive/{number:04}.json"
        file.write_text(json.dumps(article), "utf-8")
        os.utime(file, (0, 0))  # complete: nobody is writing it any more
    monkeypatch.setenv("OREWIRE_NATS_URL", nats_url)
    monkeypatch.setenv("OREWIRE_DATABASE_URL", await migrated(tmp_path))
    monkeypatch.setenv("OREWIRE_DATA", str(tmp_path))
    verb = ("ingest", "backfill", "archive", "--since", "30d", "--config", str(tmp_path), "--json")

    first = await run(*verb, "--polls", "1")
    assert (first.exit_code, rows(first)[0]["published"], rows(first)[0]["done"]) == (1, 180, False)
    second = await run(*verb)
    assert (second.exit_code, rows(second)[0]["published"], rows(second)[0]["done"]) == (0, 189, True)
    again = await run(*verb)
    assert (again.exit_code, rows(again)[0]["published"]) == (0, 0)

    articles = await collected(nats_url)
    assert len(articles) == 189
    assert all(article["backfill"] for article in articles)


@pytest.mark.parametrize(("source", "code", "words"), [("nobody", 2, "no source"), ("archive", 3, "NATS")])
async def test_what_is_missing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, code: int, words: str
) -> None:
    (tmp_path / "sources.yaml").write_text(SOURCES, "utf-8")
    monkeypatch.setenv("OREWIRE_NATS_URL", "nats://127.0.0.1:1")
    monkeypatch.setenv("OREWIRE_DATABASE_URL", await migrated(tmp_path))
    result = await run("ingest", "backfill", source, "--since", "30d", "--config", str(tmp_path))
    assert (result.exit_code, words in result.output) == (code, True)
