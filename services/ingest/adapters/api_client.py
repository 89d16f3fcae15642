"""Calls `POST /v1/articles` of a running ingest, for the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

import httpx

from services.ingest.outgoing import Line
from shared.errors import ConfigError, TransientError, Unreachable

TIMEOUT: Final = 120.0
"""Seconds for one request: the service may have to fetch a hundred pages for it."""


class ArticlesApi:
    """A connection to one ingest service."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url.rstrip("/")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(timeout=TIMEOUT, trust_env=False, headers=headers)

    def submit(self, lines: Sequence[Line]) -> list[dict[str, Any]]:
        """The service's result for each line, in order, with its `label` in front.

        Raises:
            Unreachable: nothing answers, or what answers is not ingest.
            TransientError: the service cannot accept anything now.
            ConfigError: the service refuses the whole request, or its address is none.
        """
        body = b"\n".join(line.body for line in lines)
        try:
            reply = self._client.post(
                f"{self._url}/v1/articles", content=body, headers={"content-type": "application/x-ndjson"}
            )
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise ConfigError.one("--url", f"`{self._url}` is no http or https address") from error
        except httpx.HTTPError as error:
            message = f"ingest does not answer at {self._url} ({type(error).__name__})"
            raise Unreachable(f"{message}; start it with `orewire up`, or give --url") from error
        return self._results(lines, reply)

    def _results(self, lines: Sequence[Line], reply: httpx.Response) -> list[dict[str, Any]]:
        try:
            answer = reply.json()
            if reply.status_code == 202:
                by_line = {result.pop("line"): result for result in answer["results"]}
                return [{"input": line.label, **by_line[number]} for number, line in enumerate(lines, start=1)]
            words = f"{answer['title']}: {answer.get('detail', '')}".rstrip(": ")
        except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
            raise Unreachable(f"what answers at {self._url} is not ingest (HTTP {reply.status_code})") from error
        if reply.status_code >= 500:
            raise TransientError(f"ingest cannot accept articles now: {words}")
        raise ConfigError.one(self._url, words)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
