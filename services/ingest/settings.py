"""Settings of ingest."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from shared.settings import RuntimeSettings


class IngestSettings(RuntimeSettings):
    """What ingest needs beyond the common settings."""

    SERVICE: ClassVar[str] = "INGEST"

    ingest_workers: int = Field(default=2, ge=1, le=32, description="Processes that parse pages and feeds.")
    ingest_parse_timeout: float = Field(default=4.5, gt=0, le=60, description="Seconds after which a parser is killed.")
    ingest_user_agent: str = Field(
        default="orewire/0.1 (news watch)", max_length=200, description="How ingest names itself to web servers."
    )
    ingest_contact: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Mail or web address for the owners of web servers; it becomes part of the name.",
    )

    @property
    def user_agent(self) -> str:
        """What web servers see: name, and whom to turn to."""
        return f"{self.ingest_user_agent} +{self.ingest_contact}" if self.ingest_contact else self.ingest_user_agent
