"""The shipped rules on small articles of our own: every stage, both polarities, and the traps."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.classify.decision import Decision, Finding
from shared.config.yamltree import parse
from tests.classify.kit import detect

SAMPLES: list[dict[str, Any]] = parse((Path(__file__).parent / "samples.yaml").read_text("utf-8"), "samples.yaml").data


def decide(sample: dict[str, Any]) -> Decision:
    published = date.fromisoformat(sample["published"]) if "published" in sample else None
    return detect(
        sample.get("title", ""),
        sample.get("text", ""),
        lang=sample.get("lang"),
        published=published,
        tier=sample.get("tier", 2),
    )


def field(finding: Finding, name: str) -> object:
    if name == "number":
        return finding.instrument.number if finding.instrument else None
    value = getattr(finding, name)
    if isinstance(value, tuple):
        return list(value)
    return str(value) if value is not None else None


@pytest.mark.parametrize("sample", [s for s in SAMPLES if "expect" in s], ids=lambda s: s["name"])
def test_what_is_said_is_found(sample: dict[str, Any]) -> None:
    decision = decide(sample)
    found = {finding.kind: finding for finding in decision.signals}
    assert set(found) == set(sample["expect"]), decision
    for kind, wanted in sample["expect"].items():
        assert {name: field(found[kind], name) for name in wanted} == wanted


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.get("quiet")], ids=lambda s: s["name"])
def test_what_only_looks_like_it_stays_quiet(sample: dict[str, Any]) -> None:
    decision = decide(sample)
    assert decision.signals == ()
    if "context" in sample:
        assert sample["context"] in {context.context_class for context in decision.context}
    if "ignored" in sample:
        assert [ignored.reason for ignored in decision.ignored] == [sample["ignored"]]
