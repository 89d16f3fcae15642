"""Settings of notify."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from shared.settings import RuntimeSettings


class NotifySettings(RuntimeSettings):
    """What notify needs beyond the common settings."""

    SERVICE: ClassVar[str] = "NOTIFY"

    notify_parallel: int = Field(default=8, ge=1, le=256, description="Signals in work at a time.")
    notify_connections: int = Field(default=256, ge=1, le=4096, description="Connections to receivers at a time.")
