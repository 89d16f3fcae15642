"""Settings of classify."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from shared.settings import RuntimeSettings


class ClassifySettings(RuntimeSettings):
    """What classify needs beyond the common settings."""

    SERVICE: ClassVar[str] = "CLASSIFY"

    classify_parallel: int = Field(default=256, ge=1, le=1024, description="Articles in hand at a time.")
