"""The verbs `classify` and `rules`, as scripts see them: JSON lines and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from services.classify.cli import register
from tests.classify.kit import CONFIG


@pytest.fixture
def command() -> typer.Typer:
    root = typer.Typer()
    register(root)
    return root


def run(command: typer.Typer, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(command, list(arguments), input=stdin)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_text_file_takes_its_stem_as_id_and_its_first_line_as_title(command: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "notice.txt"
    file.write_text("Gabon bans manganese exports\n\nThe decree was signed in Libreville.", "utf-8")
    result = run(command, "classify", str(file), "--json")
    assert result.exit_code == 0
    [found] = lines(result)
    assert found["id"] == "notice"
    assert [signal["kind"] for signal in found["signals"]] == ["export_restriction"]  # type: ignore[attr-defined]
    assert found["signals"][0]["evidence"][0]["field"] == "title"  # type: ignore[index]


def test_json_lines_from_stdin(command: typer.Typer) -> None:
    entries = (
        '{"id": "a", "text": "China bans exports of gallium.", "published_at": "20230705"}\n{"text": "Nothing here."}\n'
    )
    result = run(command, "classify", "-", "--json", stdin=entries)
    assert result.exit_code == 0
    first, second = lines(result)
    assert (first["id"], second["id"]) == ("a", "stdin-2")
    assert second["ignored"] == [{"reason": "no_candidate", "detail": "no word that a signal needs"}]


def test_html_page(command: typer.Typer, tmp_path: Path) -> None:
    body = (
        "<p>Zimbabwe's government banned exports of raw lithium on Tuesday, the mines ministry said in a statement.</p>"
        * 3
    )
    page = tmp_path / "page.html"
    page.write_text(f"<html><head><title>Lithium</title></head><body><article>{body}</article></body></html>", "utf-8")
    result = run(command, "classify", str(page), "--json")
    assert result.exit_code == 0
    assert lines(result)[0]["signals"]


def test_bad_lines_are_all_named_with_their_number(command: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"text": "x"}\n{"title": "no text"}\nnot json\n{"text": 5}\n', "utf-8")
    result = run(command, "classify", str(file), "--json")
    assert result.exit_code == 2
    for line in ("bad.jsonl:2", "bad.jsonl:3", "bad.jsonl:4"):
        assert line in result.stderr


@pytest.mark.parametrize(("name", "body"), [("no.txt", None), ("bytes.txt", b"\xff\xfe\xfa\xfb\xfc")])
def test_unreadable_files_are_bad_input(command: typer.Typer, tmp_path: Path, name: str, body: bytes | None) -> None:
    file = tmp_path / name
    if body is not None:
        file.write_bytes(body)
    assert run(command, "classify", str(file)).exit_code == 2


def test_card_shows_the_evidence(command: typer.Typer) -> None:
    result = run(command, "classify", "-", stdin="China bans exports of gallium.")
    assert "export_restriction" in result.stdout
    assert "“China bans exports of gallium.”" in result.stdout


def test_rules_list_and_test(command: typer.Typer) -> None:
    listed = run(command, "rules", "list", "--json", "--config", str(CONFIG))
    assert "curbs-exports" in {rule["id"] for rule in lines(listed)[0]["rules"]}  # type: ignore[attr-defined]
    tested = run(command, "rules", "test", "--json")
    assert tested.exit_code == 0
    assert lines(tested)[0]["failed"] == []


def test_rules_explain_names_what_was_lacking(command: typer.Typer) -> None:
    result = run(command, "rules", "explain", "-", "--json", stdin="The mining firm halts its gallium exports.")
    [sentence] = lines(result)[0]["sentences"]  # type: ignore[misc]
    judged = {rule["rule"]: rule for rule in sentence["rules"]}
    assert judged["curbs-exports"]["fired"] is False
    assert judged["curbs-exports"]["lacking"] == "a government as agent, not firm"


def test_rules_score_counts_hits_misses_and_false_alarms(command: typer.Typer, tmp_path: Path) -> None:
    cases = [
        (
            "hit",
            "China bans exports of gallium",
            {"export_restriction": True, "stage": "announced", "direction": "tighten"},
        ),
        ("miss", "Nothing about it", {"export_restriction": True}),
        ("alarm", "Gabon bans manganese exports", {"export_restriction": False}),
    ]
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join(json.dumps({"id": i, "text": t, "labels": labels}) for i, t, labels in cases), "utf-8")
    result = run(command, "rules", "score", str(file), "--json")
    restriction = lines(result)[0]["kinds"][0]  # type: ignore[index]
    assert (restriction["precision"], restriction["recall"]) == (0.5, 0.5)
    assert (restriction["misses"], restriction["false_alarms"]) == (["miss"], ["alarm"])
    assert restriction["stage_right"] == 1.0


def test_a_broken_config_is_exit_2(command: typer.Typer, tmp_path: Path) -> None:
    assert run(command, "classify", "-", "--config", str(tmp_path), stdin="x").exit_code == 2
