"""Compares engines that find many words at once; the outcome and the choice are in ARCHITECTURE.md, D26.

Run by hand with the engines one wants to compare: `pip install pyahocorasick hyperscan daachorse`, then
`python -m tests.bench.compare_scanners`. Engines that are not installed are left out. Each runs in a process of
its own, so that its memory can be told, on the shipped spellings and 1,000 more. First of all it must be exact: the
same matches as a search for each word by itself, with word borders around Latin script and none in Chinese.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import partial
from itertools import accumulate
from typing import Any, Final

from services.classify.normalise import fold, searchable
from tests.bench import texts
from tests.bench.cpu import medians
from tests.bench.spellings import invented, spellings

Match = tuple[int, int, int]
"""Number of the pattern, start and end in the text."""
Engine = Callable[[str], Iterable[Match]]
HAN: Final = "\u2e80"


def _plain(pair: tuple[str, str]) -> str:
    return searchable(fold(pair[1]).text)


def _texts() -> dict[str, str]:
    return {
        "ordinary 3 KB": _plain(texts.ordinary(1)),
        "acts 3 KB": _plain(texts.full(1)),
        "chinese 1,000": _plain(texts.full_chinese(1)),
        "ordinary 200 KB": _plain(texts.ordinary(1, 200_000)),
        "one term 200 KB": _plain(("", "gallium " * 25_000)),
        "han 200,000": _plain(("", "镓出口管制中国" * 28_500)),
    }


def _naive(patterns: list[str], text: str) -> set[Match]:
    """Every word looked for by itself: slow, and plainly right."""
    found: set[Match] = set()
    for number, pattern in enumerate(patterns):
        start = text.find(pattern)
        while start >= 0:
            found.add((number, start, start + len(pattern)))
            start = text.find(pattern, start + 1)
    return {match for match in found if _whole(text, match)}


def _whole(text: str, match: Match) -> bool:
    """Whether a match is no part of a longer Latin word. Patterns that need a border in front start with a space."""
    _, start, end = match
    return text[start] != " " or text[end] == " " or text[end] >= HAN


def _whole_of(text: str, matches: Iterable[Match]) -> list[Match]:
    return [match for match in matches if _whole(text, match)]


def _rust(patterns: list[str], kind: str) -> Engine:
    module = importlib.import_module("ahocorasick_rs")
    automaton = module.AhoCorasick(patterns, implementation=getattr(module.Implementation, kind))
    return lambda text: _whole_of(text, automaton.find_matches_as_indexes(text, overlapping=True))


def _rust_dfa(patterns: list[str]) -> Engine:
    return _rust(patterns, "DFA")


def _rust_nfa(patterns: list[str]) -> Engine:
    return _rust(patterns, "ContiguousNFA")


def _rust_borders(patterns: list[str]) -> Engine:
    """Both borders in the pattern; not so for text with Chinese, where a Latin word may end without a space."""
    module = importlib.import_module("ahocorasick_rs")
    bordered = [f"{pattern} " if pattern.startswith(" ") else pattern for pattern in patterns]
    strict = module.AhoCorasick(bordered, implementation=module.Implementation.DFA)
    loose = _rust(patterns, "DFA")
    cut = [len(a) - len(b) for a, b in zip(bordered, patterns, strict=True)]

    def scan(text: str) -> Iterable[Match]:
        if not text.isascii():
            return loose(text)
        return [(n, s, e - cut[n]) for n, s, e in strict.find_matches_as_indexes(text, overlapping=True)]

    return scan


def _rust_longest(patterns: list[str]) -> Engine:
    module = importlib.import_module("ahocorasick_rs")
    automaton = module.AhoCorasick(
        patterns, matchkind=module.MatchKind.LeftmostLongest, implementation=module.Implementation.DFA
    )
    return lambda text: _whole_of(text, automaton.find_matches_as_indexes(text))


def _daachorse(patterns: list[str]) -> Engine:
    automaton = importlib.import_module("daachorse").CharwiseDoubleArrayAhoCorasick(patterns)
    return lambda text: _whole_of(text, ((n, s, e) for s, e, n in automaton.find_overlapping(text)))


def _daachorse_bytes(patterns: list[str]) -> Engine:
    automaton = importlib.import_module("daachorse").DoubleArrayAhoCorasick([p.encode() for p in patterns])

    def scan(text: str) -> Iterable[Match]:
        back = _characters(text)
        found = automaton.find_overlapping(text.encode())
        return _whole_of(text, ((n, back(s), back(e)) for s, e, n in found))

    return scan


def _pyahocorasick(patterns: list[str]) -> Engine:
    automaton = importlib.import_module("ahocorasick").Automaton()
    for number, pattern in enumerate(patterns):
        automaton.add_word(pattern, (number, len(pattern)))
    automaton.make_automaton()
    return lambda text: _whole_of(
        text, ((number, end + 1 - size, end + 1) for end, (number, size) in automaton.iter(text))
    )


def _hyperscan(patterns: list[str]) -> Engine:
    module = importlib.import_module("hyperscan")
    database = module.Database()
    encoded = [pattern.encode() for pattern in patterns]
    database.compile(expressions=encoded, ids=list(range(len(encoded))), literal=True)
    sizes = [len(pattern) for pattern in encoded]

    def scan(text: str) -> Iterable[Match]:
        back, ends = _characters(text), list[tuple[int, int]]()
        database.scan(text.encode(), match_event_handler=lambda n, _s, end, _f, _c: ends.append((n, end)))
        return _whole_of(text, ((n, back(end - sizes[n]), back(end)) for n, end in ends))

    return scan


def _re2_set(patterns: list[str]) -> Engine:
    """The set says which words stand in a text, not where; those are then looked for."""
    module = importlib.import_module("re2")
    options = module.Options()
    options.max_mem = 1 << 30
    words = module.Set.SearchSet(options)
    for pattern in patterns:
        words.Add(module.escape(pattern))
    words.Compile()

    def scan(text: str) -> Iterable[Match]:
        present = words.Match(text)
        found = _naive([patterns[number] for number in present], text)
        return [(present[n], start, end) for n, start, end in found]

    return scan


def _re2_alternation(patterns: list[str]) -> Engine:
    module = importlib.import_module("re2")
    options = module.Options()
    options.max_mem, options.longest_match = 1 << 30, True
    numbers = {pattern: number for number, pattern in enumerate(patterns)}
    every = module.compile("|".join(map(module.escape, patterns)), options)
    return lambda text: _whole_of(text, ((numbers[m.group()], *m.span()) for m in every.finditer(text)))


def _characters(text: str) -> Callable[[int], int]:
    """From byte offsets in UTF-8 back to characters."""
    if text.isascii():
        return lambda offset: offset
    ends = list(accumulate((len(character.encode()) for character in text), initial=0))
    return lambda offset: bisect_left(ends, offset)


ENGINES: Final[dict[str, tuple[str, Callable[[list[str]], Engine]]]] = {
    "ahocorasick_rs, DFA": ("ahocorasick_rs", _rust_dfa),
    "ahocorasick_rs, DFA, both borders": ("ahocorasick_rs", _rust_borders),
    "ahocorasick_rs, contiguous NFA": ("ahocorasick_rs", _rust_nfa),
    "ahocorasick_rs, leftmost longest": ("ahocorasick_rs", _rust_longest),
    "daachorse": ("daachorse", _daachorse),
    "daachorse, bytes": ("daachorse", _daachorse_bytes),
    "pyahocorasick": ("ahocorasick", _pyahocorasick),
    "hyperscan": ("hyperscan", _hyperscan),
    "RE2 set": ("re2", _re2_set),
    "RE2 alternation": ("re2", _re2_alternation),
}


def _kib() -> int:
    """Resident memory of this process."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def _drain(engine: Engine, text: str) -> None:
    for _ in engine(text):
        pass


def measure(name: str) -> dict[str, Any]:
    """Build time, memory, whether it is exact, microseconds per 1,000 characters, and how they compare to today's."""
    patterns = list(dict.fromkeys([*spellings(), *invented(1000)]))
    before, began = _kib(), time.process_time()
    engine = ENGINES[name][1](patterns)
    build, memory = time.process_time() - began, (_kib() - before) / 1024
    result: dict[str, Any] = {"build s": round(build, 2), "MB": round(memory, 1), "exact": True}
    today = _rust_dfa(patterns)
    for title, text in _texts().items():
        found = list(engine(text))
        result["exact"] &= set(found) == _naive(patterns, text) and len(found) == len(set(found))
        took = medians({"engine": partial(_drain, engine, text), "today": partial(_drain, today, text)}, seconds=1.0)
        ratio = took["engine"] / took["today"]
        result[title] = f"{took['engine'] * 1e9 / len(text):.1f} = x{ratio:.2f}"
    return result


def main() -> None:
    """Print one line for each engine that is installed."""
    for name, (module, _) in ENGINES.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name}: not installed")
            continue
        command = [sys.executable, "-m", "tests.bench.compare_scanners", name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        print(f"{name}: {done.stdout.strip() or done.stderr.strip()[-300:]}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
    else:
        main()
