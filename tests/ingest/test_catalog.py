from __future__ import annotations

from pathlib import Path

import pytest

from services.ingest.adapters.catalog import Catalog, load
from services.ingest.adapters.reloading import CONFIG_OK, Reload
from services.ingest.found import Origin
from services.ingest.source import ConfiguredSource
from shared.errors import ConfigError
from shared.settings import DEFAULT_CONFIG

GOOD = """\
sources:
  - {id: inbox, type: directory, path: inbox, interval: 5s}
  - {id: ministry, type: rss, url: "https://ministry.example/rss", tier: 1, lang: fr, enabled: false}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "sources.yaml").write_text(text, "utf-8")
    return folder


MISTAKES = [
    (
        "an unknown key",
        "sources:\n- id: a\n  type: rss\n  url: https://x.example/\n  intervall: 5m\n",
        5,
        "`interval`?",
    ),
    ("an unknown type", "sources:\n- id: a\n  type: rs\n", 3, "did you mean `rss`?"),
    (
        "no type",
        "sources:\n- id: a\n",
        2,
        "one of canary, directory, html_list, json_api",
    ),
    ("no id", "sources:\n- type: directory\n  path: x\n", 2, "`id` is missing"),
    ("an id with a dot", "sources:\n- id: a.b\n  type: directory\n  path: x\n", 2, "`id`"),
    (
        "an id used twice",
        "sources:\n- {id: a, type: directory, path: x}\n- {id: a, type: directory, path: y}\n",
        3,
        "twice",
    ),
    ("another scheme", "sources:\n- id: a\n  type: rss\n  url: ftp://x.example/\n", 4, "http or https"),
    ("tier four", "sources:\n- id: a\n  type: directory\n  path: x\n  tier: 4\n", 5, "`tier`"),
    ("a short interval", "sources:\n- id: a\n  type: directory\n  path: x\n  interval: 1s\n", 5, "at least 5s"),
    ("a bare number", "sources:\n- id: a\n  type: directory\n  path: x\n  interval: 60\n", 5, "such as `30s`"),
    ("a language name", "sources:\n- id: a\n  type: directory\n  path: x\n  lang: French\n", 5, "`lang`"),
    ("no list", "sources: 5\n", 1, "`sources`"),
    ("another top key", "source: []\n", 1, "did you mean `sources`?"),
    ("an empty file", "", 1, "expected keys and values"),
    ("no YAML", "sources: [\n", 2, "not YAML"),
    ("a variable that is not set", 'sources:\n- id: a\n  type: rss\n  url: "https://x.example/${KEY}"\n', 4, "KEY"),
]


@pytest.mark.parametrize(("text", "line", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text), {})
    shown = [str(problem) for problem in caught.value.problems]
    assert any(words in problem and f"sources.yaml:{line}:" in problem for problem in shown), shown


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = "sources:\n- {id: a, type: rs}\n- {id: a, type: rss, url: x}\n- {type: directory, path: p, tier: 9}\n"
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text), {})
    assert {problem.line for problem in caught.value.problems} == {2, 3, 4}
    assert len(caught.value.problems) == 5


def test_the_shipped_sources_are_valid_and_fetch_nothing_unasked() -> None:
    sources = load(DEFAULT_CONFIG, {})
    assert [(source.id, source.type) for source in sources if source.enabled] == [("inbox", "directory")]
    assert len(sources) > 5


def test_the_catalog_knows_where_articles_come_from(tmp_path: Path) -> None:
    catalog = Catalog(write(tmp_path, GOOD), {})
    assert [source.id for source in catalog.active] == ["inbox"]
    assert catalog.origin_of("ministry") == Origin("ministry", 1, "fr")
    assert catalog.origin_of("stranger") == Origin("stranger", 2, None)
    assert [catalog.is_known(name) for name in ("ministry", "api", "stranger")] == [True, True, False]


async def test_a_bad_edit_keeps_the_last_good_sources_and_is_told(tmp_path: Path) -> None:
    applied: list[list[str]] = []

    def apply(sources: object) -> None:
        assert isinstance(sources, tuple)
        applied.append([source.id for source in sources if isinstance(source, ConfiguredSource)])

    catalog = Catalog(write(tmp_path, GOOD), {})
    reload = Reload(catalog, tmp_path, apply)
    write(tmp_path, GOOD.replace("5s", "1s"))
    await reload.once()
    assert applied == []
    assert [source.id for source in catalog.active] == ["inbox"]
    assert CONFIG_OK._value.get() == 0
    assert await reload.check() == "sources.yaml has mistakes, the last good one is in force: 1 of 2 sources enabled"
    write(tmp_path, GOOD.replace("enabled: false", "enabled: true"))
    await reload.once()
    assert applied == [["inbox", "ministry"]]
    assert CONFIG_OK._value.get() == 1
    assert await reload.check() == "2 of 2 sources enabled"
