"""Settings common to all services, read once from `OREWIRE_*` variables. The only reader of the environment."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from shared.errors import ConfigError, Problem
from shared.masking import mask_url

ROOT: Final = Path(__file__).resolve().parents[1]
DEFAULT_CONFIG: Final = ROOT / "deploy" / "config"
DEFAULT_NATS_URL: Final = "nats://127.0.0.1:8704"
"""Where `orewire up` puts its embedded server: port base 8700 plus 4."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
PREFIX: Final = "OREWIRE_"
SERVICES: Final = ("INGEST", "CLASSIFY", "NOTIFY", "DEMO")
S = TypeVar("S", bound="RuntimeSettings")


class RuntimeSettings(BaseSettings):
    """What every service needs to run. Secrets are accepted as `<NAME>_FILE` too."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", secrets_dir=None)
    SERVICE: ClassVar[str] = ""

    nats_url: str = Field(default=DEFAULT_NATS_URL, description="NATS servers, separated by commas.")
    nats_creds: Path | None = Field(default=None, description="Credentials file for NATS, if it asks for one.")
    nats_replicas: Literal[1, 3, 5] = Field(default=1, description="Copies JetStream keeps of each stream.")
    database_url: str = Field(default="sqlite+aiosqlite:///orewire.db", description="SQLite or PostgreSQL.")
    config: Path = Field(default=DEFAULT_CONFIG, description="Config directory.")
    data: Path = Field(default=Path("data"), description="Folder that relative paths of sources start from.")
    host: str = Field(default="127.0.0.1", description="Address the HTTP side binds to.")
    port: int = Field(default=0, ge=0, le=65535, description="Port of the HTTP side.")
    api_token: SecretStr | None = Field(default=None, description="Bearer token for everything but health.")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    allow_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Private networks that sources and webhooks may reach, e.g. 10.0.0.0/8,127.0.0.0/8."
    )

    @field_validator("allow_networks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("api_token", mode="after")
    @classmethod
    def _no_empty_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("the token must have at least 16 characters")
        return value

    @model_validator(mode="after")
    def _token_beyond_loopback(self) -> Self:
        if self.host not in LOOPBACK and self.api_token is None:
            raise ValueError(
                f"binding to {self.host} needs OREWIRE_API_TOKEN: without a token only loopback is allowed"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only explicit arguments and the environment; no dotenv file is picked up by accident."""
        return init_settings, env_settings

    def masked(self) -> dict[str, str]:
        """Every setting as text for the log, secrets and passwords hidden."""
        return {name: mask_url(str(value)) for name, value in self}


def load_settings(cls: type[S], **overrides: Any) -> S:
    """Settings of one service from the environment.

    Raises:
        ConfigError: a value is wrong, or an `OREWIRE_` variable is not known (every problem at once).
    """
    problems = _unknown(cls, os.environ)
    try:
        settings = cls(**{**_from_files(cls, os.environ), **overrides})
    except ValidationError as error:
        problems += [Problem(_place(item["loc"]), 0, str(item["msg"])) for item in error.errors(include_input=False)]
    if problems:
        raise ConfigError(problems)
    return settings


def environment() -> Mapping[str, str]:
    """The variables that `${NAME}` in config files refers to."""
    return dict(os.environ)


def _place(location: tuple[int | str, ...]) -> str:
    return f"environment {PREFIX}{str(location[0]).upper()}" if location else "environment"


def _from_files(cls: type[RuntimeSettings], env: Mapping[str, str]) -> dict[str, str]:
    """Values of the form `OREWIRE_API_TOKEN_FILE=/run/secrets/token`."""
    found: dict[str, str] = {}
    for name in cls.model_fields:
        path = env.get(f"{PREFIX}{name.upper()}_FILE")
        if path is None:
            continue
        try:
            found[name] = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError.one(f"environment {PREFIX}{name.upper()}_FILE", f"cannot read {path}: {error}") from error
    return found


def _unknown(cls: type[RuntimeSettings], env: Mapping[str, str]) -> list[Problem]:
    known = {f"{PREFIX}{name.upper()}{suffix}" for name in cls.model_fields for suffix in ("", "_FILE")}
    others = tuple(f"{PREFIX}{service}_" for service in SERVICES if service != cls.SERVICE)
    problems = []
    for name in env:
        if name.startswith(PREFIX) and name not in known and not name.startswith(others):
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else ""
            problems.append(Problem(f"environment {name}", 0, "unknown setting", hint))
    return problems
