"""The demo's temporary config directory and environment."""

from pathlib import Path

from standardwebhooks import Webhook

from services.demo.application import OFFSETS, free_port_base
from services.demo.workspace import demo_environment, make_config, new_secret


def test_the_demos_files_replace_those_of_the_same_name_and_no_others(tmp_path: Path) -> None:
    base, overlay = tmp_path / "base", tmp_path / "overlay"
    (base / "rules").mkdir(parents=True)
    overlay.mkdir()
    (base / "rules" / "one.yaml").write_text("rule")
    (base / "sources.yaml").write_text("real")
    (overlay / "sources.yaml").write_text("demo")
    made = make_config(tmp_path / "made", base=base, overlay=overlay)
    assert (made / "rules" / "one.yaml").read_text() == "rule"
    assert (made / "sources.yaml").read_text() == "demo"
    assert (base / "sources.yaml").read_text() == "real"


def test_the_users_own_settings_do_not_reach_the_demo(tmp_path: Path) -> None:
    inherited = {"PATH": "/bin", "OREWIRE_API_TOKEN": "secret", "OREWIRE_NATS_URL": "nats://production"}
    env = demo_environment(inherited, folder=tmp_path, feed_url="http://f", receiver_url="http://r", secret="whsec_x")
    assert env["PATH"] == "/bin"
    assert "OREWIRE_API_TOKEN" not in env
    assert "OREWIRE_NATS_URL" not in env
    assert env["OREWIRE_DEMO_WEBHOOK_URL"] == "http://r/webhook"


def test_every_secret_is_new_and_usable() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert Webhook(one)


def test_ports_are_chosen_with_room_for_all_servers() -> None:
    base = free_port_base()
    assert base + max(OFFSETS.values()) < 65_536
