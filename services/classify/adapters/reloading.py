"""Edits of rules, lexicons and severity take effect at once; a bad edit is shouted about and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from services.classify.adapters.metrics import reload_counted, rules_in_force
from services.classify.adapters.rulefiles import LEXICONS, RULES, SEVERITY, load
from services.classify.detect import Detector
from shared.clock import Clock
from shared.errors import ConfigError
from shared.reload import Watch

log = structlog.get_logger(__name__)
FILES: Final = (f"{RULES}/*.yaml", f"{LEXICONS}/*.yaml", SEVERITY)
_LOGGED: Final = 50
"""Problems of one edit that are logged; thousands of them help nobody."""


@dataclass(frozen=True)
class Refusal:
    """An edit that was not taken."""

    at: datetime
    problems: tuple[str, ...]


class RuleFiles:
    """The detector in force, replaced as a whole by each good edit of the files it was built from.

    Replacing is one assignment: who asked for the detector before goes on with the old one to the end.
    """

    def __init__(self, config: Path, variables: Mapping[str, str], clock: Clock) -> None:
        """Load the files.

        Raises:
            ConfigError: with every mistake in every file.
        """
        self._config, self._variables, self._clock = config, variables, clock
        self._watch = Watch(config, FILES, self.reload)
        self._refusal: Refusal | None = None
        self._detector = self._load()
        self._since = clock.now()
        rules_in_force(self._detector.digest, self._since)

    def detector(self) -> Detector:
        """The detector in force right now."""
        return self._detector

    async def run(self) -> None:
        """Reload after each edit, until cancelled."""
        await self._watch.run()

    async def reload(self) -> None:
        """Read the files again, in a thread: articles are classified meanwhile."""
        try:
            detector = await asyncio.to_thread(self._load)
        except ConfigError as error:
            self._refuse([str(problem) for problem in error.problems])
        except Exception as error:  # noqa: BLE001 - whatever an edit provokes, the last good rules stay
            self._refuse([f"{type(error).__name__} while reading the rule files"])
        else:
            self._accept(detector)

    async def check(self) -> str:
        """For readiness. With a refused edit the service is still ready: the last good rules work."""
        good = f"digest {self._detector.digest}, {len(self._detector.ruleset.rules)} rules since {_time(self._since)}"
        if self._refusal is None:
            return good
        first, count = self._refusal.problems[0], len(self._refusal.problems)
        more = f" and {count - 1} more" if count > 1 else ""
        return f"{good}; the edit of {_time(self._refusal.at)} was REFUSED, the last good rules stay: {first}{more}"

    def _load(self) -> Detector:
        return Detector(load(self._config, self._variables, strict=True))

    def _accept(self, detector: Detector) -> None:
        before, self._detector = self._detector, detector
        self._since, self._refusal = self._clock.now(), None
        rules_in_force(detector.digest, self._since)
        reload_counted(accepted=True)
        log.info("rules_loaded", digest=detector.digest, before=before.digest, rules=len(detector.ruleset.rules))

    def _refuse(self, problems: Sequence[str]) -> None:
        self._refusal = Refusal(self._clock.now(), tuple(problems))
        reload_counted(accepted=False)
        shown = list(problems[:_LOGGED])
        log.error("rules_refused", problems=shown, count=len(problems), in_force=self._detector.digest)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
