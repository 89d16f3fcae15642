"""Reading config files with secrets and with every problem at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.config.files import collect, read
from shared.config.validate import Strict, complete, validate
from shared.errors import ConfigError


class _Subscriber(Strict):
    id: str
    limit: int = 1
    secret: str = ""


class _File(Strict):
    subscribers: tuple[_Subscriber, ...]


def _write(folder: Path, text: str) -> Path:
    path = folder / "subscribers.yaml"
    path.write_text(text, "utf-8")
    return path


def test_variables_and_secret_files_are_filled_in(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    path = _write(tmp_path, "subscribers:\n- id: ${NAME}-1\n  secret_file: key\n")
    document = read(path, root=tmp_path, variables={"NAME": "desk"})
    found = validate(_File, document)
    assert found.subscribers == (_Subscriber(id="desk-1", secret="s3cret"),)


def test_all_mistakes_of_a_file_are_named_with_their_lines(tmp_path: Path) -> None:
    path = _write(tmp_path, "subscribers:\n- id: a\n  limt: 3\n- id: b\n  limit: many\n- limit: 2\n")
    with pytest.raises(ConfigError) as caught:
        validate(_File, read(path, root=tmp_path, variables={}))
    lines = [str(problem).split(": ", 1)[0].rsplit(":", 1)[1] for problem in caught.value.problems]
    assert lines == ["3", "5", "6"]
    assert "did you mean `limit`?" in str(caught.value)


def test_a_missing_variable_is_a_problem_with_a_hint(tmp_path: Path) -> None:
    path = _write(tmp_path, "subscribers:\n- id: ${NOBODY_SET_THIS}\n")
    with pytest.raises(ConfigError, match=r"subscribers.yaml:2: environment variable NOBODY_SET_THIS is not set"):
        complete(read(path, root=tmp_path, variables={}))


def test_a_missing_variable_hides_no_other_mistake(tmp_path: Path) -> None:
    path = _write(tmp_path, "subscribers:\n- id: a\n  secret: ${NOBODY_SET_THIS}\n- id: b\n  limt: 3\n")
    with pytest.raises(ConfigError) as caught:
        validate(_File, read(path, root=tmp_path, variables={}))
    assert [problem.line for problem in caught.value.problems] == [3, 5]


def test_problems_of_several_files_come_together(tmp_path: Path) -> None:
    def missing(name: str) -> object:
        return read(tmp_path / name, root=tmp_path, variables={})

    with pytest.raises(ConfigError) as caught:
        collect([lambda: missing("a.yaml"), lambda: missing("b.yaml")])
    assert len(caught.value.problems) == 2


def test_a_file_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"a: \xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        read(path, root=tmp_path, variables={})
