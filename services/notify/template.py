"""Templates that subscribers bring: a small, harmless part of Jinja2. Pure.

A template may show values, loop over lists and choose; it can neither call, assign, import nor define anything, so
its size bounds its work. On top of that a rendering has a budget of steps and of characters. Whatever goes wrong is a
`Broken`: the caller then uses its built-in template and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError, Undefined, nodes
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context

MAX_SOURCE: Final = 20_000
MAX_NODES: Final = 2_000
MAX_STEPS: Final = 2_000
"""Turns of all loops of one rendering together."""
MAX_OUTPUT: Final = 60_000
"""Characters."""
_TRUSTED: Final = 10_000_000
"""Characters of a built-in template: what it shows is bounded already."""
_MAX_VALUE: Final = 10_000
_BUDGET: Final = "orewire_budget"
_TURN: Final = "orewire_turns"
_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.Filter, nodes.Test, nodes.For, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Tuple, nodes.List,
)  # fmt: skip
_TESTS: Final = frozenset("defined undefined none string number sequence mapping eq ne lt le gt ge in odd even".split())
_LOOP: Final = frozenset("index index0 first last".split())
_FILTERS: Final = frozenset("upper lower capitalize title trim first last length default d truncate".split())


class Broken(ValueError):
    """The template cannot be used. Its text says why, and holds nothing of the alert."""


class Raw(str):
    """Text that is in the target's markup already."""

    __slots__ = ()


@dataclass(frozen=True)
class Filled:
    """The text, and why it is the built-in one where the subscriber had another."""

    text: str
    remark: str = ""


Mark = Callable[[str], str]
"""Turns plain text into the target's markup."""


def fill(own: str | None, builtin: str, values: Mapping[str, Any], mark: Mark, *, name: str) -> Filled:
    """Render the subscriber's own template, or the built-in one where there is none or it is broken."""
    if own is None:
        return Filled(render(builtin, values, mark, most=_TRUSTED))
    try:
        return Filled(render(own, values, mark))
    except Broken as error:
        fallback = render(builtin, values, mark, most=_TRUSTED)
        return Filled(fallback, f"template `{name}` is broken, the built-in one was used: {error}")


def render(source: str, values: Mapping[str, Any], mark: Mark, *, most: int = MAX_OUTPUT) -> str:
    """Fill the template with `values` (plain data), each value put through `mark`.

    Raises:
        Broken: it is no template, uses what is not allowed or not there, or makes too much.
    """
    template = _compiled(source, mark)
    pieces: list[str] = []
    room = most
    try:
        for piece in template.generate({**values, _BUDGET: _Budget()}):
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                raise Broken(f"makes more than {most:,} characters")
    except Broken:
        raise
    except TemplateError as error:
        raise Broken(_told(error)) from None
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        raise Broken(f"fails with {type(error).__name__}") from None
    return "".join(pieces)


class _Budget:
    """Counts the turns of loops."""

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def turns(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._left -= 1
            if self._left < 0:
                raise Broken(f"loops make more than {MAX_STEPS:,} turns")
            yield value


@pass_context
def _turns(context: Context, values: Any) -> Iterator[Any]:
    if not isinstance(values, list | tuple):
        raise Broken("a loop is over something that is no list")
    budget: _Budget = context[_BUDGET]
    return budget.turns(values)


def _joined(values: Any, separator: str = ", ") -> str:
    """`a, b, c`; bounded, unlike Jinja2's own."""
    if not isinstance(values, list | tuple):
        raise Broken("`join` is of something that is no list")
    text = str(separator).join(str(value) for value in values)
    if len(text) > _MAX_VALUE:
        raise Broken(f"`join` makes more than {_MAX_VALUE:,} characters")
    return text


def _words(value: Any) -> str:
    """A closed word as people write it."""
    return str(value).replace("_", " ")


class _Environment(ImmutableSandboxedEnvironment):
    """Nothing can be had but what plain data holds: keys, items, and the place in a loop."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, LoopContext) and argument in _LOOP:
            return getattr(obj, argument)
        if isinstance(obj, dict | list | tuple):
            try:
                return obj[argument]
            except (LookupError, TypeError):
                pass
        return self.undefined(name=str(argument))


@lru_cache(maxsize=1024)
def _compiled(source: str, mark: Mark) -> Any:
    if len(source) > MAX_SOURCE:
        raise Broken(f"is longer than {MAX_SOURCE:,} characters")
    environment = _environment(mark)
    try:
        tree = environment.parse(source)
        _check(tree)
        _count_turns(tree)
        return environment.from_string(tree)
    except TemplateError as error:
        raise Broken(_told(error)) from None
    except (RecursionError, MemoryError, SyntaxError):
        raise Broken("is nested too deeply") from None


@lru_cache(maxsize=8)
def _environment(mark: Mark) -> _Environment:
    def shown(value: Any) -> str:
        if isinstance(value, Raw):
            return value
        if value is not None and not isinstance(value, str | int | float | Undefined):
            raise Broken("a list or an object cannot be shown: name one of its values, or `join` it")
        text = "" if value is None else str(value)  # raises for what is not there
        return mark(text[:_MAX_VALUE])

    environment = _Environment(
        undefined=StrictUndefined, finalize=shown, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    known = {name: environment.filters[name] for name in _FILTERS}
    environment.filters = {**known, "join": _joined, "words": _words, _TURN: _turns}
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    environment.globals = {}
    return environment


def _check(tree: nodes.Template) -> None:
    count = 0
    for node in tree.find_all(nodes.Node):
        count += 1
        if not isinstance(node, _ALLOWED):
            raise Broken(f"line {node.lineno}: {type(node).__name__.lower()} is not allowed in a template")
        if isinstance(node, nodes.For) and node.recursive:
            raise Broken(f"line {node.lineno}: a loop must not be recursive")
        if isinstance(node, nodes.Name) and node.name.startswith("orewire_"):
            raise Broken(f"line {node.lineno}: unknown name `{node.name}`")
    if count > MAX_NODES:
        raise Broken("has too many parts")


def _count_turns(tree: nodes.Template) -> None:
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, _TURN, [], [], None, None, lineno=loop.lineno)


def _told(error: TemplateError) -> str:
    line = getattr(error, "lineno", None)
    text = " ".join((error.message or type(error).__name__).split())[:200]
    return f"line {line}: {text}" if line else text
