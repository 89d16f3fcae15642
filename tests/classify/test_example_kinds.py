"""The two example kinds: shipped switched off, and switched on by one line in a rule file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from services.classify.adapters.rulefiles import load
from services.classify.detect import Detector
from services.classify.examples import failures
from services.classify.signal import to_event
from shared.errors import ConfigError
from tests.classify.kit import CONFIG, FETCHED, article, shipped

EXAMPLES = {"price_floor": "price-floor", "supply_disruption": "supply-disruption"}
FLOOR = "Canada's government sets a price floor for gallium"
STRIKE = "Strike halts work at the largest copper mine in Chile"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A copy of the shipped config."""
    folder = tmp_path / "config"
    for name in ("rules", "lexicons"):
        shutil.copytree(CONFIG / name, folder / name)
    shutil.copy(CONFIG / "severity.yaml", folder)
    return folder


def switch(config: Path, rule: str, value: str = "true") -> None:
    """Rewrite the one line that keeps a rule off."""
    path = config / "rules" / f"{rule}.yaml"
    text = path.read_text("utf-8")
    assert text.count("enabled: false") == 1
    path.write_text(text.replace("enabled: false", f"enabled: {value}"), "utf-8")


def kinds(detector: Detector, title: str) -> dict[str, str]:
    """Kind and subject of each signal that a title makes."""
    subject = article(title)
    signals = [
        to_event(finding, subject, digest=detector.digest, detected_at=FETCHED, collected_at=FETCHED)
        for finding in detector.detect(subject).signals
    ]
    return {signal.kind: signal.subject for signal in signals}


def test_the_example_kinds_are_shipped_switched_off() -> None:
    assert {rule.kind: rule.id for rule in shipped().resting} == EXAMPLES
    assert not EXAMPLES.keys() & {rule.kind for rule in shipped().rules}
    assert not EXAMPLES.keys() & (kinds(Detector(shipped()), FLOOR) | kinds(Detector(shipped()), STRIKE)).keys()


def test_switched_on_they_make_signals_of_their_kind_with_the_severity_of_the_policy(config: Path) -> None:
    for rule in EXAMPLES.values():
        switch(config, rule)
    detector = Detector(load(config, {}, strict=True))
    assert kinds(detector, FLOOR)["price_floor"] == "orewire.signal.detected.price_floor.high"
    assert kinds(detector, STRIKE) == {"supply_disruption": "orewire.signal.detected.supply_disruption.medium"}


def test_switching_a_rule_changes_the_digest(config: Path) -> None:
    switch(config, "price-floor")
    assert load(config, {}, strict=False).digest != shipped().digest


def test_the_examples_of_a_rule_that_is_off_are_tested_all_the_same(config: Path) -> None:
    path = config / "rules" / "price-floor.yaml"
    path.write_text(path.read_text("utf-8").replace("guarantees a price floor", "paints a floor"), "utf-8")
    assert [failure.rule for failure in failures(load(config, {}, strict=False))] == ["price-floor"]
    with pytest.raises(ConfigError, match=r"price-floor.yaml:\d+: does not fire on “The Pentagon paints"):
        load(config, {}, strict=True)


def test_every_word_that_means_off_keeps_a_rule_off(config: Path) -> None:
    switch(config, "price-floor", "no")
    assert "price_floor" not in kinds(Detector(load(config, {}, strict=True)), FLOOR)


def test_the_digest_does_not_depend_on_where_the_config_lies(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = config.rename(config.with_name("elsewhere"))
    assert load(config, {}, strict=False).digest == shipped().digest
    monkeypatch.chdir(config)
    assert load(Path(), {}, strict=False).digest == shipped().digest
