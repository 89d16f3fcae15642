"""The whole service: real NATS, real database, real HTTP, and its command line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import pytest
import typer
from typer.testing import CliRunner, Result

from services.ingest.adapters.catalog import check
from services.ingest.app import MIGRATIONS, NAME, build
from services.ingest.cli import register
from services.ingest.found import Origin
from services.ingest.settings import IngestSettings
from services.ingest.submissions import Submissions
from services.ingest.web import Articles
from shared.db import open_database
from shared.db.migrate import upgrade
from shared.settings import DEFAULT_CONFIG, ROOT
from shared.web import make_app
from tests.ingest.conftest import Desk, serving
from tests.kit.ports import free_port
from tests.kit.wait import until

SOURCES = "sources:\n- {id: inbox, type: directory, path: inbox, interval: 5s}\n"


def orewire(*arguments: str) -> Result:
    root = typer.Typer()
    register(root)
    return CliRunner().invoke(root, list(arguments))


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(orewire, *arguments)


async def migrated(folder: Path) -> str:
    """The URL of a database with the tables of ingest."""
    database_url = f"sqlite:///{folder}/ingest.db"
    database = open_database(database_url)
    await upgrade(database, MIGRATIONS, service=NAME)
    await database.close()
    return database_url


@asynccontextmanager
async def ingest(nats_url: str, folder: Path) -> AsyncIterator[str]:
    """One replica of the service in this process."""
    database_url = await migrated(folder)
    settings = IngestSettings(nats_url=nats_url, database_url=database_url, config=folder, data=folder)
    async with serving(build(settings, {}).app()) as url:
        yield url


@pytest.fixture
async def service(nats_url: str, tmp_path: Path) -> AsyncIterator[str]:
    (tmp_path / "sources.yaml").write_text(SOURCES, "utf-8")
    async with ingest(nats_url, tmp_path) as url:
        yield url


async def collected(nats_url: str) -> list[dict[str, Any]]:
    """Every article on the stream."""
    client = await nats.connect(nats_url)
    try:
        js = client.jetstream()
        count = (await js.stream_info("ORE_ARTICLES")).state.messages
        messages = [await js.get_msg("ORE_ARTICLES", seq) for seq in range(1, count + 1)]
        return [json.loads(message.data or b"{}")["article"] for message in messages]
    finally:
        await client.close()


def rows(result: Result) -> list[dict[str, Any]]:
    """The JSON lines of an answer; the log of the service in this process stands between them."""
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


async def submit(url: str, *arguments: str) -> list[dict[str, Any]]:
    """Submit until NATS is connected; the results."""

    async def once() -> Result | None:
        result = await run("submit", *arguments, "--url", url, "--json")
        return None if result.exit_code == 3 else result

    result = await until(once)
    assert result is not None
    return rows(result)


async def test_files_are_submitted_published_once_and_found_on_the_stream(
    service: str, nats_url: str, tmp_path: Path
) -> None:
    (tmp_path / "ban.txt").write_text("Ministry bans gallium exports\nThe ministry said so on Thursday.", "utf-8")
    page = "<html><body><article><p>The ministry of trade said licences are needed.</p></article></body></html>"
    (tmp_path / "page.html").write_text(page, "utf-8")
    (tmp_path / "two.jsonl").write_text('{"text": "one"}\n{"text": 2}\n', "utf-8")
    files = [str(tmp_path / name) for name in ("ban.txt", "page.html", "two.jsonl")]
    first = await submit(service, *files)
    assert [(result["input"], result["status"]) for result in first] == [
        ("ban", "accepted"), ("page", "accepted"), ("two:1", "accepted"), ("two:2", "rejected"),
    ]  # fmt: skip
    again = await submit(service, *files)
    assert [result["status"] for result in again] == ["duplicate", "duplicate", "duplicate", "rejected"]
    articles = await collected(nats_url)
    assert [article["title"] for article in articles if article["title"]] == ["Ministry bans gallium exports"]
    assert len(articles) == 3
    assert {article["lang"] for article in articles if len(article["text"]) > 20} == {"en"}


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A short path: below a long one the workers' sockets would not fit, and /tmp itself is used."""
    with tempfile.TemporaryDirectory(prefix="ore-", dir="/tmp") as folder:
        yield Path(folder)


def _content(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_a_service_that_was_told_to_stop_leaves_nothing_behind(
    nats_url: str, tmp_path: Path, temporary: Path
) -> None:
    (tmp_path / "sources.yaml").write_text(SOURCES, "utf-8")
    (tmp_path / "page.html").write_text("<p>The ministry of trade said licences are needed.</p>", "utf-8")
    database_url = await migrated(tmp_path)
    port = free_port()
    settings = {"NATS_URL": nats_url, "DATABASE_URL": database_url, "CONFIG": str(tmp_path), "DATA": str(tmp_path)}
    variables = {f"OREWIRE_{name}": value for name, value in settings.items()} | {"OREWIRE_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from services.ingest.app import main; main()",
        cwd=ROOT, env={"PATH": os.environ["PATH"], "TMPDIR": str(temporary), **variables},
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await submit(f"http://127.0.0.1:{port}", str(tmp_path / "page.html"))
    assert _content(temporary) != []
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 20) == 0
    assert _content(temporary) == []


async def test_two_replicas_on_one_database_publish_a_dropped_file_once(
    service: str, nats_url: str, tmp_path: Path
) -> None:
    async with ingest(nats_url, tmp_path):
        (tmp_path / "inbox").mkdir(exist_ok=True)
        (tmp_path / "inbox" / "a.txt").write_text("Quota\nThe ministry sets a quota.", "utf-8")
        articles = await until(lambda: collected(nats_url), seconds=20)
    assert [(article["title"], article["source_id"]) for article in articles] == [("Quota", "inbox")]


async def test_the_state_of_the_sources_can_be_seen(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OREWIRE_DATABASE_URL", f"sqlite:///{tmp_path}/ingest.db")

    async def polled() -> dict[str, Any] | None:
        result = await run("sources", "status", "--config", str(tmp_path), "--json")
        [row] = rows(result)
        return row if row["last_ok_at"] else None

    row = await until(polled)
    assert row is not None
    assert (row["id"], row["health"], row["failures"], row["last_error"]) == ("inbox", "ok", 0, None)
    table = (await run("sources", "status", "--config", str(tmp_path))).stdout
    assert table.split()[:4] == ["id", "health", "ok", "new"]
    assert "inbox  ok" in table


def test_submitting_to_nobody_says_what_to_start(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words", "utf-8")
    result = orewire("submit", str(tmp_path / "a.txt"), "--url", "http://127.0.0.1:1")
    assert result.exit_code == 3
    assert "orewire up" in result.output


def test_files_that_cannot_be_sent_are_all_named_and_nothing_is_sent(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "b.txt").write_bytes(b"\xff")
    names = [str(tmp_path / name) for name in ("a.pdf", "b.txt", "missing.txt")]
    result = orewire("submit", *names, "--url", "http://127.0.0.1:1")
    assert result.exit_code == 2
    assert all(name in result.output for name in names)


def test_the_sources_are_listed() -> None:
    result = orewire("sources", "list", "--json", "--config", str(DEFAULT_CONFIG))
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[0])["id"] == "inbox"
    assert "inbox" in orewire("sources", "list", "--config", str(DEFAULT_CONFIG)).stdout


def test_the_list_of_sources_shows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_KEY", "s3cr3t")
    url = "https://me:${FEED_KEY}@n.example/feed?key=${FEED_KEY}&n=5"
    (tmp_path / "sources.yaml").write_text(f'sources:\n- {{id: wire, type: rss, url: "{url}"}}\n', "utf-8")
    result = orewire("sources", "list", "--json", "--config", str(tmp_path))
    assert json.loads(result.stdout)["from"] == "https://***@n.example/feed?key=***&n=***"


@pytest.mark.parametrize("variable", ["OREWIRE_API_TOKEN", "OREWIRE_API_TOKEN_FILE"])
async def test_articles_are_submitted_with_the_token_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    token = "a token of enough length"
    (tmp_path / "token").write_text(token + "\n", "utf-8")
    (tmp_path / "a.txt").write_text("words", "utf-8")
    routes = Articles(Submissions(Desk().collect(), Origin)).routes()
    async with serving(make_app(service="ingest", routes=routes, checks={}, token=token)) as url:
        refused = await run("submit", str(tmp_path / "a.txt"), "--url", url)
        monkeypatch.setenv(variable, token if variable == "OREWIRE_API_TOKEN" else str(tmp_path / "token"))
        accepted = await run("submit", str(tmp_path / "a.txt"), "--url", url, "--json")
    assert (refused.exit_code, accepted.exit_code) == (2, 0)
    assert [row["status"] for row in rows(accepted)] == ["accepted"]


def test_a_probe_shows_what_would_be_collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sources.yaml").write_text(SOURCES, "utf-8")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.json").write_text('{"title": "Quota", "text": "words"}', "utf-8")
    os.utime(tmp_path / "inbox" / "a.json", (0, 0))  # a fresh file counts as half-written
    monkeypatch.setenv("OREWIRE_DATA", str(tmp_path))
    arguments = ["sources", "probe", "inbox", "--config", str(tmp_path)]
    result = orewire(*arguments, "--json")
    assert (result.exit_code, json.loads(result.stdout)["title"]) == (0, "Quota")
    (tmp_path / "inbox" / "b.json").write_text("{", "utf-8")
    os.utime(tmp_path / "inbox" / "b.json", (0, 0))
    findings = orewire(*arguments)
    assert findings.exit_code == 1
    assert "b.json" in findings.output
    assert "Quota" in findings.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sources", "probe", "nobody"], "there is no source `nobody`"),
        (["sources", "list", "--config", "/nowhere"], "file is missing"),
    ],
)
def test_bad_arguments_end_with_two_and_say_why(arguments: list[str], words: str) -> None:
    result = orewire(*arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_the_check_counts_what_it_found() -> None:
    assert check(DEFAULT_CONFIG, {}).endswith("1 enabled")
