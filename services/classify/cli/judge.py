"""The verbs that judge articles: `classify` and `rules explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from services.classify.cli.options import ConfigOption, documents, load_rules
from shared.settings import DEFAULT_CONFIG
from shared.terminal import JsonFlag, exits, out, print_json

Files = Annotated[
    list[str], typer.Argument(metavar="FILE…", help=".txt, .html, .json or .jsonl files, or - for stdin.")
]
OneFile = Annotated[str, typer.Argument(metavar="FILE", help="A .txt, .html, .json or .jsonl file, or - for stdin.")]


def classify(files: Files, config: ConfigOption = DEFAULT_CONFIG, json: JsonFlag = False) -> None:
    """Say what articles signal, with the evidence. Works offline; nothing is published.

    Example: orewire classify notice.txt --json
    """
    from services.classify.card import decision_card
    from services.classify.detect import Detector
    from services.classify.render import decision_value

    with exits():
        detector = Detector(load_rules(config))
        for document in documents(files):
            decision = detector.detect(document.article)
            if json:
                print_json(decision_value(document.article, decision))
            else:
                out.print(decision_card(document.article, decision))


def explain_file(file: OneFile, config: ConfigOption = DEFAULT_CONFIG, json: JsonFlag = False) -> None:
    """Show the matched words of each sentence, each rule's verdict, and what near misses lack.

    Example: orewire rules explain article.txt
    """
    from services.classify.card import explanation
    from services.classify.explain import explain
    from services.classify.render import explained_value

    with exits():
        ruleset = load_rules(config)
        for document in documents([file]):
            found = explain(document.article, ruleset)
            if json:
                print_json({"id": document.article.id, "sentences": [explained_value(item) for item in found]})
            else:
                out.print(explanation(found) if found else f"{document.article.id}: no anchor word, nothing to explain")
