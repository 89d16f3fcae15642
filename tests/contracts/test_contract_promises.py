"""What was once published still holds: schemas only grow, and every body ever recorded still decodes.

`baseline/` and `golden/` are append-only. A new event type adds a file to each; none is ever edited.
"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from shared.contracts import breaking_changes, schemas
from shared.events import EVENTS

HERE = Path(__file__).parent
GOLDEN = sorted((HERE / "golden").glob("*/*.json"))
BASELINE = sorted((HERE / "baseline").glob("*.json"))


@pytest.mark.parametrize("path", BASELINE, ids=lambda path: path.stem)
def test_a_published_schema_only_grows(path: Path) -> None:
    today = schemas()
    assert path.name in today, f"event type {path.stem} was removed"
    assert breaking_changes(json.loads(path.read_text("utf-8")), today[path.name]) == []


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_type_has_a_baseline_and_a_golden_body(name: str) -> None:
    assert (HERE / "baseline" / f"{name}.json").is_file()
    assert any(path.parent.name == name for path in GOLDEN)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_golden_body_still_decodes_and_fits_its_schema_today(path: Path) -> None:
    event = EVENTS[path.parent.name].model_validate_json(path.read_bytes())
    schema = schemas()[f"{event.TYPE}.json"]
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())

    validator.validate(json.loads(path.read_text("utf-8")))
    validator.validate(json.loads(event.body()))
    assert type(event).model_validate_json(event.body()) == event


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_golden_body_loses_nothing_on_the_way_through(path: Path) -> None:
    event = EVENTS[path.parent.name].model_validate_json(path.read_bytes())
    sent, kept = json.loads(path.read_text("utf-8")), event.model_dump(mode="json")

    assert sorted(_leaves(sent) - _leaves(kept)) == []


def _leaves(node: object, place: str = "") -> set[str]:
    """Places of all values; times and floats have more than one text, so only their place counts."""
    if isinstance(node, dict):
        return {leaf for key, value in node.items() for leaf in _leaves(value, f"{place}.{key}")}
    if isinstance(node, list):
        return {leaf for index, value in enumerate(node) for leaf in _leaves(value, f"{place}[{index}]")}
    return {place if place.endswith(("_at", ".at", "score", "duration_ms")) else f"{place} = {node}"}


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_schema_is_valid_and_says_what_it_is(name: str) -> None:
    schema = schemas()[f"{name}.json"]

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:orewire:event:{name}"
    assert schema["title"] == EVENTS[name].__name__
    assert schema["description"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_readers_ignore_fields_they_do_not_know(path: Path) -> None:
    event = EVENTS[path.parent.name]
    body = json.loads(path.read_text("utf-8"))

    assert event.model_validate(body | {"added_later": {"a": 1}}) == event.model_validate(body)
