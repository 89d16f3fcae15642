"""From a parsed document to a typed value, with pydantic's complaints told as file, line and hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.config.yamltree import Document, Path
from shared.errors import ConfigError, Problem


class Strict(BaseModel):
    """Base of everything written in a config file: unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


M = TypeVar("M", bound=BaseModel)


def validate(model: type[M], document: Document, *, at: Path = (), data: Any = None) -> M:
    """Validate `data` (the document's own by default), which stands at `at` in the document.

    Raises:
        ConfigError: with one problem for each mistake.
    """
    value = document.data if data is None and not at else data
    if not isinstance(value, Mapping):
        expected = ", ".join(model.model_fields)
        raise ConfigError.one(
            document.file,
            f"expected keys and values, found {_kind(value)}",
            line=document.line(at),
            hint=f"keys: {expected}",
        )
    try:
        return model.model_validate(value)
    except ValidationError as error:
        told = {problem.line for problem in document.problems}
        found = [problem for problem in _problems(model, error, document, at) if problem.line not in told]
        raise ConfigError([*found, *document.problems]) from error


def complete(document: Document) -> None:
    """A step for `collect`: nothing the file refers to is missing.

    Raises:
        ConfigError: a secret of the file cannot be had.
    """
    if document.problems:
        raise ConfigError(document.problems)


def _problems(model: type[BaseModel], error: ValidationError, document: Document, at: Path) -> Iterable[Problem]:
    for item in error.errors(include_url=False, include_input=not _holds_secret(model)):
        path = (*at, *item["loc"])
        line = document.line(path)
        yield Problem(document.file, line, *_words(model, item))


def _holds_secret(model: type[BaseModel]) -> bool:
    """Whether what stands in the file may be a secret, which a message must not repeat."""
    return any("Secret" in repr(field.annotation) for field in model.model_fields.values())


def _words(model: type[BaseModel], item: Mapping[str, Any]) -> tuple[str, str]:
    name = ".".join(str(part) for part in item["loc"]) or "file"
    if item["type"] == "extra_forbidden":
        return f"unknown key `{name}`", _nearest(str(item["loc"][-1]), _fields_at(model, item["loc"][:-1]))
    if item["type"] == "missing":
        return f"key `{name}` is missing", ""
    message = str(item["msg"]).removeprefix("Value error, ")
    found = item.get("input")
    shown = f", found {found!r}" if isinstance(found, str | int | float | bool) and len(str(found)) < 80 else ""
    return f"`{name}`: {message}{shown}", ""


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known keys: {', '.join(known)}" if known else ""


def _fields_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Field names of the model that stands at `loc` below `model`, where that is easily told."""
    current: Any = model
    for part in loc:
        field = getattr(current, "model_fields", {}).get(part) if isinstance(part, str) else None
        if field is not None:
            current = _model_in(field.annotation)
    return [f.alias or name for name, f in getattr(current, "model_fields", {}).items()]


def _model_in(annotation: Any) -> Any:
    """The first pydantic model inside an annotation such as `tuple[Subscriber, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else f"`{str(value)[:40]}`"
