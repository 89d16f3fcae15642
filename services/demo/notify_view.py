"""What notify says over HTTP about its stories and about deliveries still to be made."""

from __future__ import annotations

import json
from typing import Any, Final

from services.demo.articles import slug_of
from shared.errors import TransientError, Unreachable
from shared.http import HttpClient

PAGE: Final = 200
MAX_BYTES: Final = 20_000_000


class NotifyView:
    """Reads notify's HTTP side.

    Raises:
        Unreachable: from every method, when notify does not answer as it should.
    """

    def __init__(self, client: HttpClient, base_url: str) -> None:
        self._client, self._base_url = client, base_url

    async def waiting(self) -> int:
        """How many deliveries are still to be made (at most PAGE)."""
        return len(await self._rows(f"/v1/deliveries?status=waiting&limit={PAGE}", "deliveries"))

    async def sources(self) -> dict[str, frozenset[str]]:
        """The slugs of the articles attached to each story, by story id."""
        alerts = await self._rows(f"/v1/alerts?limit={PAGE}", "alerts")
        return {alert["story_id"]: frozenset(slug_of(source["url"]) for source in alert["sources"]) for alert in alerts}

    async def _rows(self, path: str, key: str) -> list[dict[str, Any]]:
        try:
            reply = await self._client.request("GET", self._base_url + path, max_bytes=MAX_BYTES, whole=True)
        except TransientError as error:
            raise Unreachable(f"notify does not answer {path}: {error}") from error
        if reply.status != 200:
            raise Unreachable(f"notify answers {path} with status {reply.status}")
        rows: list[dict[str, Any]] = json.loads(reply.body)[key]
        return rows
