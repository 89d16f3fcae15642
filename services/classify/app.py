"""Composition root of classify: everything is wired here, in one straight line, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from services.classify.adapters.metrics import DecisionCounter
from services.classify.adapters.reloading import RuleFiles
from services.classify.adapters.rulefiles import load
from services.classify.detect import Detector
from services.classify.settings import ClassifySettings
from services.classify.stream import reader
from services.classify.usecases import Classify, signals_of
from shared.broker import make_broker
from shared.clock import SystemClock
from shared.events import ArticleCollected, SignalDetected
from shared.publish import JetStreamPublisher
from shared.pull import Pull
from shared.service import Service, serve
from shared.settings import environment, load_settings
from shared.streams import CLASSIFY

NAME = "classify"


def build(settings: ClassifySettings, variables: Mapping[str, str]) -> Service:
    """Wire the service.

    Raises:
        ConfigError: a rule or lexicon file has a mistake.
    """
    clock = SystemClock()
    rules = RuleFiles(settings.config, variables, clock)
    broker = make_broker(settings, service=NAME)
    publisher = JetStreamPublisher(broker, service=NAME)
    work = reader(Classify(rules.detector, publisher, clock, DecisionCounter()))
    return Service(
        name=NAME,
        settings=settings,
        broker=broker,
        consumer=CLASSIFY,
        pull=Pull(CLASSIFY, work, publisher.publish_raw, service=NAME, window=settings.classify_parallel),
        checks={"rules": rules.check},
        jobs={"rules": rules.run},
    )


def check(config: Path, variables: Mapping[str, str]) -> str:
    """Load rules and lexicons and say what was found.

    Raises:
        ConfigError: with every mistake in every file.
    """
    rules = load(config, variables, strict=True)
    off = f" and {len(rules.resting)} switched off" if rules.resting else ""
    return f"{len(rules.rules)} rules{off}, digest {rules.digest[:12]}"


def judge(
    config: Path, variables: Mapping[str, str]
) -> tuple[str, Callable[[ArticleCollected], tuple[SignalDetected, ...]]]:
    """The digest of the rules in `config`, and what they say of an article; nothing is published.

    Raises:
        ConfigError: with every mistake in every file.
    """
    detector = Detector(load(config, variables, strict=False))

    def signals(event: ArticleCollected) -> tuple[SignalDetected, ...]:
        decision = detector.detect(event.article)
        return signals_of(decision, event, digest=detector.digest, at=event.collected_at)

    return detector.digest, signals


def main() -> None:
    """Run classify until it is stopped.

    Raises:
        ConfigError: settings or files are wrong.
    """
    serve(build(load_settings(ClassifySettings), environment()))
