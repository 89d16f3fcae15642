"""The demo's own articles and expectations, as delivered."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from services.demo.articles import publish
from services.demo.library import FOLDER, Library, load_library
from services.demo.pages import FORMATS
from shared.errors import ConfigError
from shared.events.vocabulary import Direction, Stage

START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def test_there_are_enough_articles_in_both_languages(library: Library) -> None:
    languages = [article.lang for article in library.articles.values()]
    assert len(languages) >= 14
    assert languages.count("en") >= 5
    assert languages.count("zh") >= 5


def test_every_article_can_be_published_on_any_day(library: Library) -> None:
    for slug, article in library.articles.items():
        published = publish(slug, article, start=START)
        assert "{{" not in published.title + published.body
        assert published.published_at <= START


def test_the_stories_cover_restrictions_and_alliances_at_several_stages(library: Library) -> None:
    stories = library.expected.stories
    stages = {(story.kind, revision.stage) for story in stories for revision in story.revisions}
    restriction = {stage for kind, stage in stages if kind == "export_restriction"}
    alliance = {stage for kind, stage in stages if kind == "alliance_move"}
    assert restriction >= {Stage.HINT, Stage.PROPOSAL, Stage.ANNOUNCED, Stage.IN_FORCE, Stage.SUSPENDED}
    assert alliance >= {Stage.SIGNED, Stage.JOINED, Stage.ANNOUNCED}
    assert any(story.direction is Direction.EASE for story in stories)


def test_one_story_has_syndicated_copies_and_a_chinese_report(library: Library) -> None:
    copies = [library.articles[slug] for slug in library.expected.stories[0].articles]
    english = [copy for copy in copies if copy.lang == "en"]
    assert len({copy.title for copy in english}) == len({copy.source for copy in english}) == 3
    assert any(copy.lang == "zh" and copy.wave == 1 for copy in copies)


def test_only_the_article_for_the_age_gate_is_old(library: Library) -> None:
    too_old = [slug for slug, article in library.articles.items() if article.age_minutes > 96 * 60]
    assert too_old == ["trap-old-tin-halt"]
    assert all(article.age_minutes < 24 * 60 for slug, article in library.articles.items() if slug not in too_old)


def test_every_article_comes_from_a_configured_feed(library: Library) -> None:
    sources = yaml.safe_load((FOLDER / "config" / "sources.yaml").read_text("utf-8"))["sources"]
    feeds = {source["id"]: re.search(r"/feeds/(.+)\.(\w+)$", source["url"]) for source in sources}
    assert all(match and match[1] == name and match[2] in FORMATS for name, match in feeds.items())
    assert {article.source for article in library.articles.values()} == set(feeds)


def test_no_article_is_left_out_of_the_expectations(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    article = "{source: s, wave: 1, lang: en, age_minutes: 1, title: t, body: b}"
    (tmp_path / "articles" / "forgotten.yaml").write_text(article)
    (tmp_path / "expected.yaml").write_text("stories: []\nsilent: [{article: gone, why: w}]")
    with pytest.raises(ConfigError) as caught:
        load_library(tmp_path)
    assert [problem.message for problem in caught.value.problems] == [
        "article forgotten is neither expected nor silent",
        "article gone is expected, but there is no such file",
    ]


def test_all_broken_articles_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    for name in ("one", "two"):
        (tmp_path / "articles" / f"{name}.yaml").write_text("source: s\nwave: 0\n")
    with pytest.raises(ConfigError) as caught:
        load_library(tmp_path)
    assert {problem.file.rsplit("/", 1)[1] for problem in caught.value.problems} == {"one.yaml", "two.yaml"}
