"""Tells which changes of a JSON Schema break those who read or replay events. Pure.

Allowed are new optional fields, new words in a closed list, wider bounds and other texts. Everything else is
breaking: a change that this module does not understand counts as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_ANNOTATIONS: Final = frozenset(
    {"title", "description", "default", "examples", "deprecated", "$schema", "$id", "$defs"}
)
_LOWER_BOUNDS: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER_BOUNDS: Final = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_BOUNDS: Final = _LOWER_BOUNDS | _UPPER_BOUNDS
_COMPARED: Final = frozenset({"$ref", "properties", "required", "items", "additionalProperties", "enum", "const"})


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Every breaking change from `old` to `new`, each as `path: what`. Empty when all is additive."""
    return _Comparison(old, new).changes("", old, new)


class _Comparison:
    """Walks both schemas side by side; follows references, each pair of them once."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str]] = set()

    def changes(self, path: str, old: Any, new: Any) -> list[str]:
        if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
            return [] if old == new else [f"{path}: changed from {old} to {new}"]
        pair = (str(old.get("$ref", "")), str(new.get("$ref", "")))
        if all(pair) and pair in self._seen:
            return []
        self._seen.add(pair)
        old, new = _resolve(old, self._old), _resolve(new, self._new)
        return [
            *self._fields(path, old, new),
            *_required(path, old, new),
            *_words(path, old, new),
            *_bounds(path, old, new),
            *self._nested(path, old, new),
            *self._others(path, old, new),
        ]

    def _fields(self, path: str, old: Schema, new: Schema) -> list[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        found = [f"{path}.{name}: field removed" for name in before if name not in after]
        for name in before.keys() & after.keys():
            found += self.changes(f"{path}.{name}", before[name], after[name])
        return sorted(found)

    def _nested(self, path: str, old: Schema, new: Schema) -> list[str]:
        found: list[str] = []
        for keyword, mark in (("items", "[]"), ("additionalProperties", ".*")):
            if keyword in old or keyword in new:
                found += self.changes(path + mark, old.get(keyword, True), new.get(keyword, True))
        return found

    def _others(self, path: str, old: Schema, new: Schema) -> list[str]:
        """Keywords that must stay as they are: type, pattern, format, anyOf and whatever else there may be."""
        keywords = sorted((old.keys() | new.keys()) - _ANNOTATIONS - _BOUNDS - _COMPARED)
        found: list[str] = []
        for keyword in keywords:
            if keyword in ("anyOf", "oneOf"):
                found += self._variants(path, old.get(keyword, []), new.get(keyword, []))
            elif old.get(keyword) != new.get(keyword):
                found.append(f"{path}: {keyword} changed from {old.get(keyword)} to {new.get(keyword)}")
        return found

    def _variants(self, path: str, old: list[Schema], new: list[Schema]) -> list[str]:
        before, after = [_kind(v, self._old) for v in old], [_kind(v, self._new) for v in new]
        if sorted(before) != sorted(after):
            return [f"{path}: type changed from {' | '.join(before) or 'one'} to {' | '.join(after) or 'one'}"]
        found: list[str] = []
        for variant, kind in zip(old, before, strict=True):
            found += self.changes(path, variant, new[after.index(kind)])
        return found


def _resolve(schema: Schema, root: Schema) -> Schema:
    """The schema with its reference replaced by what it refers to; words beside the reference are kept."""
    while "$ref" in schema:
        name = str(schema["$ref"]).removeprefix("#/$defs/")
        schema = {**root["$defs"][name], **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _kind(schema: Schema, root: Schema) -> str:
    """What tells one variant of a union from another."""
    resolved = _resolve(schema, root)
    return f"{resolved.get('type', '?')}{':' + resolved['format'] if 'format' in resolved else ''}"


def _required(path: str, old: Schema, new: Schema) -> list[str]:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    dropped = (before - after) & set(new.get("properties", {}))
    return [
        *(f"{path}.{name}: field is newly required" for name in sorted(after - before)),
        *(f"{path}.{name}: field is no longer promised" for name in sorted(dropped)),
    ]


def _words(path: str, old: Schema, new: Schema) -> list[str]:
    before, after = _closed_list(old), _closed_list(new)
    if (before is None) != (after is None):
        return [f"{path}: {'closed to' if before is None else 'opened from'} a list of words"]
    gone = [word for word in before or () if word not in (after or ())]
    return [f"{path}: words removed: {', '.join(map(str, gone))}"] if gone else []


def _closed_list(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _bounds(path: str, old: Schema, new: Schema) -> list[str]:
    found = []
    for bound in sorted(_BOUNDS & new.keys()):
        before, after = old.get(bound), new[bound]
        narrower = before is None or (after > before if bound in _LOWER_BOUNDS else after < before)
        if narrower:
            found.append(f"{path}: {bound} narrowed from {before} to {after}")
    return found
