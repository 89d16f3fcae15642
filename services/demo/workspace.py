"""The demo's temporary config directory: our rules and lexicons, the demo's sources and subscribers."""

from __future__ import annotations

import base64
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.demo.library import FOLDER
from shared.settings import DEFAULT_CONFIG

SECRET_BYTES: Final = 24
LOOPBACK: Final = "127.0.0.0/8"
"""The only network the demo reaches."""


def make_config(target: Path, *, base: Path = DEFAULT_CONFIG, overlay: Path = FOLDER / "config") -> Path:
    """Copy the config directory `base` to `target`, then lay the files of `overlay` over it; returns `target`."""
    shutil.copytree(base, target)
    shutil.copytree(overlay, target, dirs_exist_ok=True)
    return target


def new_secret() -> str:
    """A fresh Standard Webhooks secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def demo_environment(
    inherited: Mapping[str, str], *, folder: Path, feed_url: str, receiver_url: str, secret: str
) -> dict[str, str]:
    """The environment of `orewire up`: the demo's variables, and none of the user's own orewire settings.

    Temporary files of the services go to `folder` too, so that nothing is left when it is removed.
    """
    clean = {name: value for name, value in inherited.items() if not name.startswith("OREWIRE_")}
    return clean | {
        "TMPDIR": str(folder),
        "OREWIRE_ALLOW_NETWORKS": LOOPBACK,
        "OREWIRE_DEMO_FEED_URL": feed_url,
        "OREWIRE_DEMO_WEBHOOK_URL": f"{receiver_url}/webhook",
        "OREWIRE_DEMO_SLACK_URL": f"{receiver_url}/slack",
        "OREWIRE_DEMO_SECRET": secret,
    }
