"""Tells the language of a text with py3langid, among those the news is written in."""

from __future__ import annotations

from threading import Lock
from typing import Any, Final

from services.ingest.script import SAMPLE, script_language

LANGUAGES: Final = tuple("ar de en es fa fi fr hi id it ja kk ko ms mn nl no pl pt ru sv sw tr uk ur vi zh".split())
SURE: Final = 0.5
"""Probability below which a guess is not worth telling."""
SHORTEST: Final = 12
"""Letters below which any guess would be chance."""


class LanguageDetector:
    """A `Detect`. The model is loaded with the first text that needs it (about a second), or by `warm`."""

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = Lock()

    def __call__(self, text: str) -> str | None:
        """ISO 639-1 code, or None for a text too short to tell."""
        by_script = script_language(text)
        if by_script or sum(map(str.isalpha, text[:SAMPLE])) < SHORTEST:
            return by_script
        code: str = self._loaded().classify(text[:SAMPLE])[0]
        return None if code == "und" else code

    def warm(self) -> None:
        """Load the model now; safe to call in a thread."""
        self._loaded()

    def _loaded(self) -> Any:
        with self._lock:
            if self._model is None:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier

                self._model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True, min_confidence=SURE)
                self._model.set_languages(LANGUAGES)
        return self._model
