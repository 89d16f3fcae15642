"""subscribers.yaml: what is accepted, and every mistake at once with its line."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from services.notify.adapters.catalog import Catalog, check, load
from shared.errors import ConfigError
from shared.settings import DEFAULT_CONFIG
from tests.notify.builders import make_alert

SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a secret key").decode()
GOOD = """
subscribers:
  - id: desk
    channel: webhook
    url: ${DESK_URL}
    secret_file: desk.secret
    filter: {kind: export_restriction, severity: high, commodity: [gallium], actor: [CN], target: US,
              stage: [announced, in_force], direction: tighten}
  - id: chat
    channel: slack
    url: https://hooks.slack.com/services/T/B/x
    lane: normal
    enabled: false
"""
VARIABLES = {"DESK_URL": "https://desk.example/hook"}


def _config(folder: Path, text: str) -> Path:
    config = folder / "config"
    config.mkdir(exist_ok=True)
    (config / "subscribers.yaml").write_text(text, "utf-8")
    (config / "desk.secret").write_text(SECRET + "\n", "utf-8")
    return config


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(_config(folder, text), VARIABLES)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_file_loads_without_any_secret() -> None:
    assert load(DEFAULT_CONFIG, {}) == {}


def test_a_good_file(tmp_path: Path) -> None:
    found = load(_config(tmp_path, GOOD), VARIABLES)
    assert list(found) == ["desk", "chat"]
    desk = found["desk"]
    assert desk.settings.url.get_secret_value() == "https://desk.example/hook"
    assert desk.settings.secret.get_secret_value() == SECRET
    assert desk.filter.mismatch(make_alert(targets=("US",))) is None
    assert desk.filter.mismatch(make_alert(actors=("ID",))) == "actor"
    assert not found["chat"].enabled


BAD = """subscribers:
  - id: Desk One
    channel: webhook
    url: ftp://desk.example
    secret: c2hvcnQ=
    filtre: {}
    lane: soon
    quiet_hours: {from: "22:00"}
  - id: chat
    channel: slak
    url: https://hooks.slack.com/x
  - id: chat
    channel: slack
    url: https://hooks.slack.com/x
    filter: {severity: hihg, commodity: [galium], actor: [UK], kind: [export_restrictions], colour: [red]}
  - channel: webhook
    id: nowhere
"""
MISTAKES = [
    (2, "`id`"),
    (4, "`url`: expected an absolute http or https URL"),
    (5, "`secret`: a secret has 24 to 64 bytes"),
    (6, "unknown key `filtre` (did you mean `filter`?)"),
    (7, "`lane`: Input should be 'urgent', 'normal' or 'digest', found 'soon'"),
    (8, "key `quiet_hours.0.to` is missing"),
    (10, "unknown channel `slak` (did you mean `slack`?)"),
    (12, "subscriber id `chat` is used twice (first used in line 9)"),
    (15, "unknown key `filter.colour`"),
    (15, "severity"),
    (15, "did you mean `gallium`?"),
    (15, "unknown word `UK`"),
    (15, "did you mean `export_restriction`?"),
    (16, "key `url` is missing"),
    (16, "key `secret` is missing"),
]


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    found = _problems(tmp_path, BAD)
    for line, words in MISTAKES:
        assert any(f"subscribers.yaml:{line}:" in problem and words in problem for problem in found), (
            line,
            words,
            found,
        )
    assert len(found) == len(MISTAKES)


def test_a_secret_that_is_not_set_is_named(tmp_path: Path) -> None:
    text = "subscribers:\n  - {id: a, channel: webhook, url: https://a.example, secret: '${NO_SUCH}'}\n"
    assert _problems(tmp_path, text) == [
        "config/subscribers.yaml:2: environment variable NO_SUCH is not set (export it, or use a *_file: key)"
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expected keys and values, found nothing"),
        ("subscribers: 3", "`subscribers`"),
        ("subscribers: [3]", "`subscribers.0`"),
        ("subscribers: []\nsilences: [{until: tomorrow}]", "expected a time such as 2026-08-01T18:00+02:00"),
        ("subscribers: [{id: a}]", "key `channel` is missing"),
        ("subscribers: [{id: a, channel: [webhook]}]", "unknown channel"),
        ("subscribers: []\nsubscribers: []", "given twice"),
        ("subscribers: [\n", "not YAML"),
        ("subscribers: &a [*a]", "refers to itself"),
    ],
)
def test_other_mistakes(tmp_path: Path, text: str, words: str) -> None:
    assert any(words in problem for problem in _problems(tmp_path, text))


def test_a_bad_edit_keeps_the_last_good_set(tmp_path: Path) -> None:
    catalog = Catalog(_config(tmp_path, GOOD), VARIABLES)
    _config(tmp_path, GOOD.replace("webhook", "webhok"))
    with pytest.raises(ConfigError):
        catalog.reload()
    assert list(catalog.subscribers()) == ["desk"]
    assert catalog.problem
    _config(tmp_path, "subscribers: []")
    catalog.reload()
    assert catalog.subscribers() == {}
    assert catalog.problem is None


TEMPLATES = """subscribers:
  - {id: good, channel: slack, url: https://hooks.slack.com/x, templates: {body: "{{ summary }}"}}
  - id: bad
    channel: email
    server: smtps://mail.example
    sender: orewire@desk.example
    to: desk@desk.example
    templates:
      subject: "{{ headlime }}"
      text_file: text.j2
"""


def test_a_broken_template_stops_no_alert_but_is_told_by_check(tmp_path: Path) -> None:
    config = _config(tmp_path, TEMPLATES)
    (config / "text.j2").write_text("{% for it in sources %}{{ it.title }}", "utf-8")
    assert list(load(config, {})) == ["good", "bad"]
    with pytest.raises(ConfigError) as caught:
        check(config, {})
    subject, text = map(str, caught.value.problems)
    assert subject.startswith("config/subscribers.yaml:9: `templates.subject` 'headlime' is undefined")
    assert text.startswith("config/subscribers.yaml:10: `templates.text` line 1: Unexpected end of template")
    assert "the built-in one is used" in text
    (config / "text.j2").write_text("{{ summary }}", "utf-8")
    _config(tmp_path, TEMPLATES.replace("headlime", "headline"))
    assert check(config, {}) == "2 subscribers, 2 enabled"


def test_an_edited_token_or_mailbox_makes_another_receiver(tmp_path: Path) -> None:
    bot = "subscribers: [{id: a, channel: slack, token: xoxb-%s, slack_channel: C0123456789}]"
    mail = "subscribers: [{id: a, channel: email, server: 'smtps://m.example', sender: o@x.example, to: %s@x.example}]"
    for text in (bot, mail):
        first, second = (load(_config(tmp_path, text % name), {})["a"].fingerprint for name in ("one", "two"))
        assert first != second
