"""What the README shows is run here, so that it stays true."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from shared.events import AlertRaised
from shared.events.alert import Reason, StorySource
from shared.events.signal import Hops
from shared.events.vocabulary import Certainty, Direction, Severity, Stage
from shared.provision import connect
from shared.publish import JetStreamPublisher, NatsConnection

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _alert() -> AlertRaised:
    source = StorySource(article_id="art_1", title="Title", source_id="wire", first_seen_at=NOW)
    return AlertRaised(
        kind="export_restriction",
        stage=Stage.ANNOUNCED,
        direction=Direction.TIGHTEN,
        certainty=Certainty.OFFICIAL_TEXT,
        severity=Severity.HIGH,
        score=0.9,
        actors=("CN",),
        story_id="sty_1",
        revision=1,
        reason=Reason.NEW_STORY,
        headline="China puts gallium under licence",
        summary="China puts gallium under licence.",
        evidence=(),
        sources=(source,),
        first_seen_at=NOW,
        rules_digest="d",
        clock=Hops(collected_at=NOW),
    )


async def test_the_readmes_consumer_reads_an_alert(nats_url: str, tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    script = tmp_path / "consumer.py"
    script.write_text(code, "utf-8")
    client = await connect(nats_url, name="test")
    await JetStreamPublisher(NatsConnection(client), service="notify").publish(_alert(), correlation_id="art_1")
    env = {**os.environ, "OREWIRE_NATS_URL": nats_url}
    process = await asyncio.create_subprocess_exec(sys.executable, str(script), env=env, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().strip()
    process.terminate()
    await process.wait()
    await client.close()
    assert line == "io.orewire.alert.raised.v1 sty_1 1 China puts gallium under licence"


def test_every_file_and_make_target_the_readme_names_exists() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^ +make (\w+)", readme, re.MULTILINE):
        assert f"\n{target}:" in makefile
    for link in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (ROOT / link).exists(), link
