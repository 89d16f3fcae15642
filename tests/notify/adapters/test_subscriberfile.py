"""subscribers.yaml: when and of what a subscriber is told, silences, and the file's own tests."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from services.notify.adapters import fileschema
from services.notify.adapters.catalog import check, load, load_book
from services.notify.adapters.payloadfiles import CONTRACTS
from services.notify.lanes import Digest, Lane, Rate
from services.notify.quiet import QuietHours
from shared.config.yamltree import parse
from shared.errors import ConfigError
from shared.events.vocabulary import Severity
from tests.notify.builders import make_alert

README = Path(__file__).parents[3] / "README.md"
HEAD = "subscribers:\n  - id: desk\n    channel: slack\n    url: https://hooks.slack.com/x\n"
FULL = (
    HEAD
    + """
    lane: normal
    zone: Asia/Tokyo
    urgent_from: never
    group_wait: 10s
    group_interval: 2m
    quiet_hours:
      - {from: 22:00, to: "07:00", bypass: high}
      - {from: "00:00", to: "24:00", days: [sat, sun], bypass: never}
    rate: {messages: 20, per: 1h}
    exposure: {commodities: [gallium, rare_earths], origins: CN}
    filter:
      severity: medium
      hs: [8112, "2805.30"]
      or: [{certainty: official_text}, {source_tier: 2, language: en}]
      not: {text: ["price floor"], stage: rumour}
  - {id: team, channel: slack, url: "https://hooks.slack.com/y", lane: digest, digest: {at: ["07:30", "17:00"]}}
silences:
  - {id: audit, match: {actor: ID}, subscribers: desk, author: Ann, reason: known, until: 2027-01-01}
tests:
  - name: gallium from China reaches the desk
    signal: {commodities: gallium, actors: CN, hs_codes: ["8112.92"], language: en}
    expect: {desk: normal, team: digest}
"""
)


def _write(folder: Path, text: str) -> Path:
    (folder / "subscribers.yaml").write_text(text, "utf-8")
    return folder


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check(_write(folder, text), {})
    return [str(problem).partition("subscribers.yaml:")[2] for problem in caught.value.problems]


def test_every_key_at_once(tmp_path: Path) -> None:
    book = load_book(_write(tmp_path, FULL), {})
    timing = book.subscribers["desk"].timing
    assert (timing.lane, timing.zone.key, timing.urgent_from) == (Lane.NORMAL, "Asia/Tokyo", None)
    assert (timing.group_wait, timing.group_interval) == (timedelta(seconds=10), timedelta(minutes=2))
    assert timing.quiet == (
        QuietHours(22 * 60, 7 * 60, bypass=Severity.HIGH),
        QuietHours(0, 24 * 60, frozenset({5, 6}), bypass=None),
    )
    assert timing.rate == Rate(20, timedelta(hours=1))
    assert book.subscribers["team"].timing.digest == Digest((450, 1020))
    assert [(it.id, it.subscribers, it.until.year) for it in book.silences] == [("audit", frozenset({"desk"}), 2027)]
    wanted = book.subscribers["desk"].filter
    assert wanted.mismatch(make_alert(hs_codes=("2805.30",), certainty="official_text")) is None
    assert wanted.mismatch(make_alert(hs_codes=("2805.30",))) == "or"
    assert wanted.mismatch(make_alert(hs_codes=("7202",))) == "hs"


def test_the_check_runs_the_tests_of_the_file(tmp_path: Path) -> None:
    assert check(_write(tmp_path, FULL), {}) == "2 subscribers, 2 enabled, 1 silences, 1 tests passed"


def test_a_test_that_fails_says_what_would_happen_instead(tmp_path: Path) -> None:
    tests = """
tests:
  - {name: low, signal: {severity: low, commodities: tin}, expect: []}
  - {name: lane, signal: {}, expect: {desk: digest}}
  - {name: old, signal: {article: {published_at: "2001-01-01T00:00:00Z"}}, expect: [desk]}
  - {name: odd, signal: {stage: maybe}, expect: [desk]}
  - {name: fine, signal: {}, expect: [desk]}
"""
    found = _problems(tmp_path, HEAD + tests)
    assert found[:3] == [
        "7: test `low` fails: desk is told (urgent)",
        "8: test `lane` fails: desk is told by lane urgent, not digest",
        "9: test `old` fails: desk is not told (too_old)",
    ]
    assert found[3].startswith("10: test `odd`: no signal can be like this: stage")
    assert len(found) == 4


MISTAKES = [
    ("    lane: soon\n", "`lane`: Input should be 'urgent', 'normal' or 'digest'"),
    ("    zone: Europe/Berlim\n", "`zone`: expected a time zone such as Europe/Berlin"),
    ("    zone: ../../etc/passwd\n", "`zone`: expected a time zone"),
    ("    group_wait: 2h\n", "`group_wait`: expected at most 1h"),
    ("    group_wait: soon\n", "`group_wait`: expected a duration such as 30s"),
    ("    urgent_from: always\n", "`urgent_from`: Input should be 'critical', 'high', 'medium' or 'low'"),
    ("    digest: {at: '08:00'}\n", "`digest` is of lane digest, this one is urgent"),
    ("    lane: digest\n    digest: {at: '25:00'}\n", 'expected a time between "00:00" and "24:00"'),
    ("    lane: digest\n    digest: {days: []}\n", "digest.days"),
    ("    quiet_hours: {from: '22:00', to: '07:00'}\n", "quiet hours are of lane normal"),
    ("    lane: normal\n    quiet_hours: {from: '22:00'}\n", "key `quiet_hours.0.to` is missing"),
    ("    lane: normal\n    quiet_hours: {from: '22:00', to: '22:00'}\n", "quiet hours need two times"),
    ("    lane: normal\n    quiet_hours: {from: '00:00', to: '24:00'}\n", "quiet hours never end"),
    ("    rate: {messages: 0, per: 1h}\n", "rate.messages"),
    ("    exposure: {}\n", "an empty exposure is touched by everything"),
    ("    exposure: {commodities: galium}\n", "did you mean `gallium`?"),
    ("    filter: {not: {}}\n", "an empty filter under `not` lets nothing through"),
    ("    filter: {or: [{colour: red}]}\n", "unknown key `filter.or.0.colour`"),
    ("    filter: {hs: 2805.30}\n", "in quotes"),
    ("    filter: {measure: export_bann}\n", "did you mean `export_ban`?"),
    ("    filter: {source_tier: 4}\n", "source_tier"),
    ("silences: [{id: a, match: {}, reason: r, until: 2027-01-01}]\n", "key `author` is missing"),
    (
        "silences: [{id: a, match: {}, author: x, reason: r, from: 2027-01-02, until: 2027-01-01}]\n",
        "`until` is not later than `from`",
    ),
    (
        "silences: [{id: a, match: {}, author: x, reason: r, until: 2027-01-01, subscribers: dekc}]\n",
        "no subscriber `dekc`",
    ),
    ("tests: [{name: t, signal: {commodity: tin}, expect: [desk]}]\n", "did you mean `commodities`?"),
    ("tests: [{name: t, signal: {}, expect: [chat]}]\n", "no subscriber `chat`"),
    ("tests: [{name: t, signal: {}, expect: {desk: loud}}]\n", "expect.desk"),
]


@pytest.mark.parametrize(("text", "words"), MISTAKES, ids=[row[1][:40] for row in MISTAKES])
def test_a_mistake_is_told_where_it_stands(tmp_path: Path, text: str, words: str) -> None:
    found = _problems(tmp_path, HEAD + text)
    assert any(words in problem for problem in found), found


def test_two_silences_with_one_id(tmp_path: Path) -> None:
    one = "  - {id: a, match: {}, author: x, reason: r, until: 2027-01-01}\n"
    assert (
        "silence id `a` is used twice (first used in line 6)"
        in _problems(tmp_path, HEAD + "silences:\n" + one + one)[0].partition(": ")[2]
    )


def test_a_failing_test_stops_the_check_but_no_service(tmp_path: Path) -> None:
    text = HEAD + "tests: [{name: t, signal: {}, expect: []}]\n"
    assert list(load(_write(tmp_path, text), {})) == ["desk"]


def test_what_the_readme_shows_is_true(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(subscribers:\n.*?)```", README.read_text("utf-8"), re.DOTALL)
    secret = "whsec_" + base64.b64encode(b"thirty-two bytes of a secret key").decode()
    variables = {"DESK_WEBHOOK_SECRET": secret, "RISK_SLACK_URL": "https://hooks.slack.com/services/T/B/x"}
    assert check(_write(tmp_path, example), variables) == "2 subscribers, 2 enabled, 1 silences, 1 tests passed"


def _accepts(text: str) -> bool:
    schema = json.loads(fileschema.text())
    Draft202012Validator.check_schema(schema)
    return bool(Draft202012Validator(schema).is_valid(parse(text, "subscribers.yaml").data))


def test_the_published_schema_is_fresh() -> None:
    assert fileschema.stale(CONTRACTS / "subscribers") == [], "run `orewire subscribers schema`"


def test_the_published_schema_accepts_what_the_loader_accepts() -> None:
    assert _accepts(FULL)
    assert _accepts("subscribers:\n  - {id: a, channel: webhook, url_file: u, secret_file: s}\n")
    assert _accepts(HEAD + "    templates: {body_file: body.txt}\n    filter: {kind: canary}\n")
    mail = "{id: a, channel: email, server_file: s, sender: a@b.example, to: c@d.example, templates: {html_file: h}}"
    assert _accepts(f"subscribers: [{mail}]")


@pytest.mark.parametrize(
    "text",
    [
        "subscribers: [{id: a, channel: webhook, url: 'https://a.example'}]",
        HEAD + "    lane: soon\n",
        HEAD + "    templates: {html: '{{ title }}'}\n",
        HEAD + "    filter: {colour: red}\n",
        HEAD + "    filter: {not: {or: [{severity: worst}]}}\n",
        HEAD + "    quiet_hours: {from: '22:00'}\n",
        HEAD + "    group_wait: soon\n",
        HEAD + "silences: [{id: a}]\n",
    ],
)
def test_the_published_schema_refuses_mistakes(text: str) -> None:
    assert not _accepts(text)
