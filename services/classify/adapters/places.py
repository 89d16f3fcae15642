"""Where rules and lexicons stand in their files, for messages that name file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.classify.adapters.rulefiles import LEXICONS, RULES
from services.classify.remark import Remark
from shared.config.files import read
from shared.config.yamltree import Document


@dataclass(frozen=True)
class Places:
    """The files of a config directory that has been loaded without mistakes."""

    rules: Mapping[str, Document]
    lexicons: Mapping[str, Document]

    @property
    def written(self) -> dict[str, Mapping[str, Any]]:
        """`when` of each rule, those that are switched off included."""
        return {name: document.data["when"] for name, document in self.rules.items()}

    def of(self, remark: Remark) -> tuple[str, int]:
        """File and line of what a remark is about."""
        if remark.about == "rule":
            document = self.rules[remark.name]
            return document.file, document.line(remark.path)
        document = self.lexicons[remark.name]
        return document.file, document.line(("lexicons", remark.name, *remark.path))


def survey(config_dir: Path, variables: Mapping[str, str]) -> Places:
    """Read all rule and lexicon files.

    Raises:
        ConfigError: a file is no YAML.
    """
    rules = {str(document.data["id"]): document for document in _documents(config_dir, RULES, variables)}
    lexicons = {
        name: document for document in _documents(config_dir, LEXICONS, variables) for name in document.data["lexicons"]
    }
    return Places(rules, lexicons)


def _documents(config_dir: Path, folder: str, variables: Mapping[str, str]) -> Iterator[Document]:
    for path in sorted((config_dir / folder).glob("*.yaml")):
        yield read(path, root=config_dir, variables=variables)
