"""The generated files in `deploy/contracts/` are fresh, and the generator tells when they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.contracts.__main__ import FOLDER, main
from shared.contracts.files import broken, generate, stale, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh copy of the contract."""
    write(tmp_path, generate())
    return tmp_path


def _edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_committed_contract_is_what_the_code_says() -> None:
    assert stale(FOLDER, generate()) == [], "run `python -m shared.contracts` and commit the result"


def test_what_was_just_written_is_fresh(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", "--folder", str(folder)]) == 0
    assert capsys.readouterr().err == ""


def test_each_stale_file_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _edit(folder, "asyncapi-notify.json", "orewire notify", "orewire notifies")
    (folder / "schemas" / "io.orewire.alert.raised.v1.json").unlink()
    (folder / "schemas" / "io.orewire.left.over.v1.json").write_text("{}")

    assert main(["--check", "--folder", str(folder)]) == 1
    named = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert named == [
        "asyncapi-notify.json",
        "schemas/io.orewire.alert.raised.v1.json",
        "schemas/io.orewire.left.over.v1.json",
    ]


def test_writing_again_makes_all_fresh(folder: Path) -> None:
    _edit(folder, "asyncapi.json", "orewire", "OREWIRE")
    (folder / "schemas" / "io.orewire.alert.raised.v1.json").unlink()

    assert main(["--folder", str(folder)]) == 0
    assert stale(folder, generate()) == []


def test_a_breaking_change_is_not_written_unless_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The copy on disk promises a field that today's classes no longer have."""
    name = "schemas/io.orewire.delivery.failed.v1.json"
    _edit(folder, name, '"properties": {', '"properties": {"region": {"type": "string"},')

    assert main(["--folder", str(folder)]) == 1
    assert f"{name}: .region: field removed" in capsys.readouterr().err
    assert name in stale(folder, generate())

    assert main(["--folder", str(folder), "--breaking"]) == 0
    assert stale(folder, generate()) == []


def test_a_removed_event_type_is_breaking(folder: Path) -> None:
    files = generate()
    del files["schemas/io.orewire.alert.retracted.v1.json"]

    assert broken(folder, files) == ["schemas/io.orewire.alert.retracted.v1.json: event type removed"]
