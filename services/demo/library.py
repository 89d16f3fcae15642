"""Reads the demo's articles and expectations from deploy/demo, all mistakes at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from services.demo.articles import DemoArticle
from services.demo.expected import Expected
from shared.config.files import collect, read
from shared.config.validate import validate
from shared.errors import ConfigError, Problem
from shared.settings import ROOT

FOLDER: Final = ROOT / "deploy" / "demo"


@dataclass(frozen=True)
class Library:
    """The demo's articles by slug, and what must come of them."""

    articles: dict[str, DemoArticle]
    expected: Expected

    @property
    def waves(self) -> tuple[int, ...]:
        """The waves in which the articles appear, in order."""
        return tuple(sorted({article.wave for article in self.articles.values()}))


def load_library(folder: Path = FOLDER) -> Library:
    """Read every article and the expectations.

    Raises:
        ConfigError: with every mistake in every file.
    """
    paths = sorted((folder / "articles").glob("*.yaml"))
    read_article = partial(_article, root=folder)
    loaded = collect([partial(read_article, path) for path in paths])
    articles = dict(zip((path.stem for path in paths), loaded, strict=True))
    file = folder / "expected.yaml"
    expected = validate(Expected, read(file, root=folder, variables={}))
    misfits = expected.misfits(articles)
    if misfits:
        raise ConfigError([Problem(str(file.relative_to(folder.parent)), 0, misfit) for misfit in misfits])
    return Library(articles, expected)


def _article(path: Path, *, root: Path) -> DemoArticle:
    return validate(DemoArticle, read(path, root=root, variables={}))
