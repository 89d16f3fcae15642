"""What every channel must do. A new file in `channels/` is tested by this without being named anywhere.

`UPDATE_GOLDEN=1 pytest tests/notify/channels` writes the expected payloads anew; review the diff.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.notify.adapters.catalog import channels
from services.notify.outcome import Answer, Verdict, outcome_of, verdict_of
from services.notify.ports import Channel
from shared.config.validate import validate
from shared.config.yamltree import Document
from shared.errors import ConfigError
from shared.events import Alert
from shared.events.alert import Reason
from tests.notify.builders import NOW, make_alert, make_evidence

DATA = Path(__file__).parents[1] / "data"
CHANNELS = channels()
each_channel = pytest.mark.parametrize("name", sorted(CHANNELS))


def _channel(name: str) -> tuple[Channel, Any]:
    channel = CHANNELS[name]
    return channel, channel.settings.model_validate(channel.example)


def _compose(name: str, *alerts: Alert, digest: bool = False) -> list[Any]:
    """The bodies as they are compared: JSON as values, everything else as lines."""
    channel, settings = _channel(name)
    about = {"delivery_id": "delivery_1", "at": NOW}
    messages = (
        channel.compose_digest(alerts, settings, **about) if digest else channel.compose(alerts[0], settings, **about)
    )
    return [_readable(message.body) for message in messages]


def _readable(body: bytes) -> Any:
    return json.loads(body) if body[:1] == b"{" else body.decode("ascii").splitlines()


def _secrets(name: str) -> list[str]:
    """The values of the example that must never show."""
    channel, settings = _channel(name)
    return [channel.example[key] for key in channel.example if isinstance(getattr(settings, key), SecretStr)]


def _full_alert(**claim: Any) -> Alert:
    evidence = (make_evidence(), make_evidence("中国对镓、锗实施出口管制。", bold=("镓", "出口管制")))
    facts = {
        "effective_at": date(2026, 8, 1),
        "targets": ("US",),
        "instrument": {"authority": "MOFCOM", "number": "23"},
    }
    return make_alert(**{**facts, "evidence": evidence, **claim})


def _hostile_alert() -> Alert:
    sentence = "<!channel> *_~` & " + "稀土&<" * 5000
    evidence = tuple(make_evidence(f"{n}{sentence}", bold=("稀土",), start=0) for n in range(40))
    return make_alert(
        evidence=evidence,
        initiative="<@everyone>" * 900,
        commodities=tuple(f"commodity_{n}" for n in range(300)),
        actors=tuple(f"Q{n:03}" for n in range(300)),
        targets=tuple(f"T{n:03}" for n in range(300)),
        instrument={"authority": "&" * 5000, "number": ">" * 5000},
    ).model_copy(update={"sources": make_alert().sources * 1, "signal_ids": tuple(f"signal_{n}" for n in range(3000))})


def _many_sources(alert: Alert) -> Alert:
    long = alert.sources[0].model_copy(update={"url": "https://news.example/" + "&x" * 700, "title": "<&>" * 100})
    return alert.model_copy(update={"sources": (long,) * 100})


@each_channel
def test_the_example_is_valid(name: str) -> None:
    channel, _ = _channel(name)
    assert "Example:" in (__import__(f"services.notify.channels.{name}", fromlist=["x"]).__doc__ or "")
    assert channel.interval >= 0


@each_channel
@pytest.mark.parametrize("status", [*range(200, 600), 100, 999])
def test_every_status_has_its_verdict(name: str, status: int) -> None:
    channel, _ = _channel(name)
    verdict = verdict_of(Answer(outcome_of(status), status), final=channel.final)
    if 200 <= status < 300:
        assert verdict == Verdict.DONE
    elif status in (429, 502, 504):
        assert verdict == Verdict.THROTTLE
    elif status == 410:
        assert verdict == Verdict.DISABLE
    elif status >= 500 or status < 400:
        assert verdict == Verdict.RETRY
    else:
        assert verdict in (Verdict.RETRY, Verdict.STOP)


@each_channel
@pytest.mark.parametrize("alert", [_hostile_alert(), _many_sources(_hostile_alert()), _many_sources(_full_alert())])
def test_hostile_alerts_stay_within_the_limits(name: str, alert: Alert) -> None:
    channel, settings = _channel(name)
    messages = channel.compose(alert, settings, delivery_id="delivery_1", at=NOW)
    assert messages
    for message in messages:
        assert len(message.body) < 250_000  # the closer limits of each receiver stand in its own tests
        assert _readable(message.body)


@each_channel
def test_a_long_digest_tells_every_alert_within_the_limits(name: str) -> None:
    channel, settings = _channel(name)
    alerts = [_full_alert().model_copy(update={"headline": f"Headline number {n}!"}) for n in range(130)]
    messages = channel.compose_digest(alerts, settings, delivery_id="delivery_1", at=NOW)
    told = "\n".join(str(_readable(message.body)) for message in messages)
    assert all(f"Headline number {n}!" in told for n in range(130))
    assert all(len(message.body) < 100_000 for message in messages)


@each_channel
def test_a_digest_says_why_its_alerts_come_together(name: str) -> None:
    channel, settings = _channel(name)
    about = {"delivery_id": "delivery_1", "at": NOW, "note": "Two came <during> your quiet hours."}
    (message,) = channel.compose_digest([_full_alert(), _updated()], settings, **about)
    assert "your quiet hours." in str(_readable(message.body))


@each_channel
def test_a_digest_of_hostile_alerts_can_be_sent(name: str) -> None:
    channel, settings = _channel(name)
    alerts = [_hostile_alert(), _many_sources(_full_alert())] * 3
    assert channel.compose_digest(alerts, settings, delivery_id="delivery_1", at=NOW)


@each_channel
def test_the_example_has_no_flaws(name: str) -> None:
    channel, settings = _channel(name)
    assert list(channel.flaws(settings)) == []


@each_channel
def test_composing_is_pure(name: str) -> None:
    channel, settings = _channel(name)
    twice = [channel.compose(_full_alert(), settings, delivery_id="delivery_1", at=NOW) for _ in range(2)]
    assert twice[0] == twice[1]


@each_channel
def test_no_secret_shows_in_texts_of_settings_and_messages(name: str) -> None:
    channel, settings = _channel(name)
    [message] = channel.compose(_full_alert(), settings, delivery_id="delivery_1", at=NOW)
    assert _secrets(name)
    for secret in _secrets(name):
        assert secret not in repr(settings)
        assert secret not in repr(message)
        assert secret.encode() not in message.body


@each_channel
def test_no_secret_shows_in_complaints_about_the_configuration(name: str) -> None:
    channel, _ = _channel(name)
    wrong = {key: f"ftp://s3cret-{key}.example/token" for key in channel.example}
    with pytest.raises(ConfigError) as caught:
        validate(channel.settings, Document("subscribers.yaml", wrong, {}))
    assert "s3cret" not in str(caught.value)
    assert len(caught.value.problems) == len(wrong)


@each_channel
@pytest.mark.parametrize("case", ["raised", "updated", "digest"])
def test_the_golden_payload(name: str, case: str) -> None:
    alerts = {"raised": [_full_alert()], "updated": [_updated()], "digest": [_full_alert(), _updated()]}[case]
    found = _compose(name, *alerts, digest=case == "digest")
    path = DATA / name / f"{case}.expected.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert found == json.loads(path.read_text("utf-8"))


@each_channel
def test_why_a_story_was_taken_back_is_told(name: str) -> None:
    alert = _full_alert().model_copy(update={"reason": Reason.RETRACTED, "note": "The ministry <denied> it."})
    told = str(_compose(name, alert))
    assert "Retracted: " in told or "'reason': 'retracted'" in told
    assert "ministry" in told or name == "webhook"


def _updated() -> Alert:
    from services.notify.fold import fold
    from services.notify.notice import alert_of
    from tests.notify.builders import make_signal

    first = fold(None, make_signal(1, stage="proposal"))
    second = make_signal(2, tier=1, stage="announced", severity="critical", certainty="official_text")
    return alert_of(fold(first.story, second), NOW)
