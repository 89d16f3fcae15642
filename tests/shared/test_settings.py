"""Settings from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.errors import ConfigError
from shared.settings import RuntimeSettings, load_settings


def test_a_misspelt_variable_is_named_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREWIRE_NAT_URL", "nats://x")
    with pytest.raises(ConfigError, match=r"OREWIRE_NAT_URL: unknown setting .did you mean OREWIRE_NATS_URL"):
        load_settings(RuntimeSettings)


def test_every_wrong_value_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREWIRE_PORT", "ninety")
    monkeypatch.setenv("OREWIRE_LOG_LEVEL", "loud")
    with pytest.raises(ConfigError) as caught:
        load_settings(RuntimeSettings)
    assert len(caught.value.problems) == 2


def test_without_a_token_only_loopback_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREWIRE_HOST", "0.0.0.0")
    with pytest.raises(ConfigError, match="needs OREWIRE_API_TOKEN"):
        load_settings(RuntimeSettings)


def test_a_token_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("0123456789abcdef\n")
    monkeypatch.setenv("OREWIRE_API_TOKEN_FILE", str(tmp_path / "token"))
    token = load_settings(RuntimeSettings).api_token
    assert token is not None
    assert token.get_secret_value() == "0123456789abcdef"


def test_the_log_shows_neither_token_nor_password() -> None:
    settings = RuntimeSettings(api_token="0123456789abcdef", database_url="postgresql://ore:hunter2@db/x")
    shown = " ".join(settings.masked().values())
    assert "hunter2" not in shown
    assert "0123456789abcdef" not in shown
    assert "postgresql://***@db/x" in shown


def test_networks_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OREWIRE_ALLOW_NETWORKS", "10.0.0.0/8, 127.0.0.0/8")
    assert load_settings(RuntimeSettings).allow_networks == ("10.0.0.0/8", "127.0.0.0/8")
