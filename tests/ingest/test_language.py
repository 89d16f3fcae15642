from __future__ import annotations

import pytest

from services.ingest.adapters.language import LANGUAGES, LanguageDetector


@pytest.fixture(scope="module")
def detect() -> LanguageDetector:
    detector = LanguageDetector()
    detector.warm()
    return detector


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "The ministry said on Thursday that exporters of gallium need a licence."),
        ("fr", "Le ministère a annoncé jeudi que les exportateurs de cobalt auront besoin d'une licence."),
        ("de", "Das Ministerium teilte am Donnerstag mit, dass die Ausfuhr von Gallium genehmigungspflichtig wird."),
        ("es", "El ministerio anunció el jueves que los exportadores de litio necesitarán una licencia."),
        ("pt", "O ministério anunciou na quinta-feira que os exportadores de nióbio precisarão de licença."),
        ("id", "Kementerian mengumumkan pada hari Kamis bahwa ekspor bijih nikel akan dilarang mulai bulan Maret."),
        ("ru", "Министерство сообщило в четверг, что экспорт палладия потребует лицензии."),
        ("vi", "Bộ Công Thương cho biết hôm thứ Năm rằng xuất khẩu đất hiếm sẽ cần giấy phép."),
        ("zh", "商务部周四表示，出口镓需要许可证。"),
        ("ja", "経済産業省は木曜日、ガリウムの輸出には許可が必要になると発表した。"),
        ("ko", "산업통상자원부는 목요일 갈륨 수출에 허가가 필요하다고 밝혔다."),
    ],
)
def test_the_language_of_a_sentence_is_told(detect: LanguageDetector, lang: str, text: str) -> None:
    assert detect(text) == lang


@pytest.mark.parametrize("text", ["", "12.5 % 2026", "OK", "\U0001f600" * 50])
def test_a_text_too_short_to_tell_has_no_language(detect: LanguageDetector, text: str) -> None:
    assert detect(text) is None


def test_the_model_knows_every_language_asked_of_it() -> None:
    assert len(set(LANGUAGES)) == len(LANGUAGES)
