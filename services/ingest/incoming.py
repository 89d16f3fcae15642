"""What clients and files hand in: JSON becomes a found article, or a mistake that names its place."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Self

import orjson
from pydantic import ValidationError, model_validator

from services.ingest.canonical import canonical_url
from services.ingest.dates import ACCEPTED, parse_time
from services.ingest.found import Found
from services.ingest.novelty import Reason
from services.ingest.plaintext import clean
from shared.events.submission import Submission

MOST_MISTAKES: Final = 20
"""Fields named for one article; more help nobody."""
_BOM: Final = b"\xef\xbb\xbf"


class CheckedSubmission(Submission):
    """A `Submission` whose fields make sense."""

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if self.text is None and self.html is None and self.url is None:
            raise ValueError("one of `text`, `html` and `url` is needed")
        if self.url is not None and canonical_url(self.url) is None:
            raise ValueError("`url`: not an http or https address")
        if self.published_at is not None and parse_time(self.published_at) is None:
            raise ValueError(f"`published_at`: not a date, expected {ACCEPTED}")
        return self


@dataclass(frozen=True)
class FieldMistake:
    """One field that is wrong."""

    field: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" + (f" ({self.hint})" if self.hint else "")


@dataclass(frozen=True)
class Mistake:
    """Why a piece of input is no article. `fields` is empty when it is not even JSON."""

    reason: Reason
    note: str
    fields: tuple[FieldMistake, ...] = ()


def lines_of(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of NDJSON that are not blank, with their numbers from 1."""
    for number, line in enumerate(BytesIO(body.removeprefix(_BOM)), start=1):
        stripped = line.strip()
        if stripped:
            yield number, stripped


def read_article(raw: bytes) -> Found | Mistake:
    """One JSON object as an article, or what is wrong with it."""
    data = _json(raw.removeprefix(_BOM))
    if isinstance(data, Mistake):
        return data
    if not isinstance(data, dict):
        return Mistake(Reason.BAD_FIELD, f"expected a JSON object with the keys of an article, found {_kind(data)}")
    try:
        return _found(CheckedSubmission.model_validate(data))
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False)[:MOST_MISTAKES]
        fields = tuple(_field_mistake(item) for item in mistakes)
        return Mistake(Reason.BAD_FIELD, "; ".join(map(str, fields)), fields)


def _json(raw: bytes) -> Any:
    if (at := raw.find(0)) >= 0:
        return Mistake(Reason.NULL_BYTE, f"null byte at byte {at + 1}")
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _json_or_mistake(raw)


def _json_or_mistake(raw: bytes) -> Any:
    """By a slower reader that allows more, and says better what is wrong."""
    try:
        return json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Mistake(Reason.BAD_ENCODING, f"byte {error.start + 1} is not UTF-8")
    except json.JSONDecodeError as error:
        return Mistake(Reason.BAD_JSON, f"not JSON: {error.msg} at line {error.lineno} column {error.colno}")
    except RecursionError:
        return Mistake(Reason.BAD_JSON, "not an article: nested too deeply")
    except ValueError as error:  # a number of thousands of digits
        return Mistake(Reason.BAD_JSON, f"not JSON: {str(error).split(';', maxsplit=1)[0]}")


def _found(given: Submission) -> Found:
    text = given.text or ""
    return Found(
        title=given.title or "",
        text=text,
        html=b"" if text.strip() or not given.html else _BOM + given.html.encode("utf-8", "replace"),
        url=canonical_url(given.url) if given.url else None,
        published=parse_time(given.published_at) if given.published_at else None,
        lang=given.lang,
        client_id=None if given.id is None else str(given.id)[:256],
        source_id=given.source_id,
        follow=given.text is None and given.html is None,
    )


def _field_mistake(item: Any) -> FieldMistake:
    field = clean(str(item["loc"][0]))[:80] if item["loc"] else ""
    if item["type"] == "extra_forbidden":
        return FieldMistake(field, "unknown field", _nearest(field))
    message = str(item["msg"]).removeprefix("Value error, ")
    if not field and message.startswith("`"):
        field, _, message = message[1:].partition("`: ")
    return FieldMistake(field or "text", message)


def _nearest(word: str) -> str:
    near = difflib.get_close_matches(word, Submission.model_fields, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known fields: {', '.join(Submission.model_fields)}"


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "something else")
