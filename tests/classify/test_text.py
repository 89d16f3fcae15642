"""Folding, sentences, languages, word forms: the ground the rules stand on."""

from __future__ import annotations

import pytest

from services.classify.inflect import is_past, noun_forms, verb_forms
from services.classify.language import language_of
from services.classify.normalise import fold
from services.classify.sentences import MAX_SENTENCE, split
from tests.classify.kit import detect


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Ｅｘｐｏｒｔ　ｂａｎ", "export ban"),
        ("China’s “curbs”", 'china\'s "curbs"'),
        ("rare\u00adearth", "rareearth"),
        ("出口許可證", "出口许可证"),
        ("ехроrt", "export"),
        ("export controI", "export control"),
        ("２０２５年第６１号", "2025年第61号"),
        ("Côte d’Ivoire", "cote d'ivoire"),
        ("ﬁnal", "final"),
    ],
)
def test_spellings_fold_together(written: str, folded: str) -> None:
    assert fold(written).text == folded


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The U.S. banned it. Mr. Li spoke.", ["the u.s. banned it.", "mr. li spoke."]),
        ("Prices rose 3.5 percent. No. 61 applies.", ["prices rose 3.5 percent.", "no. 61 applies."]),
        ("中国禁止出口。日本抗议！真的？是；对。", ["中国禁止出口。", "日本抗议！", "真的？", "是；", "对。"]),
        ("Headline without stop\nThe text starts here.", ["headline without stop", "the text starts here."]),
        (
            "He asked the spokesperson for the\nMinistry of Commerce.",
            ["he asked the spokesperson for the\nministry of commerce."],
        ),
        (
            "Jakarta tells the makers of nickel pig iron to pay a new levy on exports\nIndonesia said so on Monday.",
            [
                "jakarta tells the makers of nickel pig iron to pay a new levy on exports",
                "indonesia said so on monday.",
            ],
        ),
        (
            "The ministry said that a levy on\nores, which the President of the former\nRepublic wanted, would wait.",
            ["the ministry said that a levy on\nores, which the president of the former\nrepublic wanted, would wait."],
        ),
        ("Reporters asked China's\nMinistry of Commerce.", ["reporters asked china's\nministry of commerce."]),
        ("钨出口受限\n商务部今日宣布。", ["钨出口受限", "商务部今日宣布。"]),
    ],
)
def test_sentences_end_where_readers_say(text: str, sentences: list[str]) -> None:
    folded = fold(text)
    assert [folded.text[span.start : span.end] for span in split(folded)] == sentences


@pytest.mark.parametrize(
    ("text", "tag", "language"),
    [
        ("The ministry said that exports of the metal will stop.", None, "en"),
        ("The ministry said that exports of the metal will stop.", "fr", "en"),
        ("Le ministère a dit que les exportations du métal et des minerais vont cesser.", None, "und"),
        ("商务部宣布实施出口管制。", None, "zh"),
        ("政府はレアアースの輸出規制を発表した。", None, "ja"),
        ("Министерство запретило экспорт никеля.", "ru", "ru"),
        ("China bans gallium", "en", "en"),
    ],
)
def test_language_follows_the_text_before_the_tag(text: str, tag: str | None, language: str) -> None:
    assert language_of("", text, tag) == language


def test_word_forms() -> None:
    assert verb_forms("ban") == ("ban", "bans", "banned", "banning")
    assert verb_forms("cut off") == ("cut off", "cuts off", "cutting off")
    assert verb_forms("deny") == ("deny", "denies", "denied", "denying")
    assert noun_forms("subsidy") == ("subsidy", "subsidies")
    assert is_past("banned")
    assert not is_past("bans")


@pytest.mark.parametrize(
    "title",
    [
        "In Lima and As of May, No exports of W, Co and Be ban",
        "LET US EXPORT OUR FILMS",
        "中国银行无锡分行禁止铅笔出口",
        "Lead exporters ban overtime",
    ],
)
def test_symbols_common_words_and_parts_of_longer_words_are_no_metals(title: str) -> None:
    assert detect(title).signals == ()


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Guinea bans bauxite exports", "Guinea bans bauxite exports\nThe mines ministry said so."),
        ("Guinea bans bauxite exports | Metal Post", "GUINEA BANS BAUXITE EXPORTS\nThe mines ministry said so."),
        ("Guinea bans “bauxite” exports", "\nGuinea bans\n'bauxite' exports\n\nThe mines ministry said so."),
        ("几内亚禁止铝土矿出口", "几内亚禁止铝土矿出口\n矿业部周一宣布。"),
    ],
)
def test_a_first_line_that_repeats_the_title_is_not_read_again(title: str, text: str) -> None:
    (finding,) = detect(title, text).signals
    assert [evidence.field for evidence in finding.evidence] == ["title"]


def test_a_first_line_that_says_more_than_the_title_is_read() -> None:
    text = "Guinea bans bauxite exports from June\nThe ministry said so."
    (finding,) = detect("Guinea bans bauxite exports", text).signals
    assert {evidence.sentence for evidence in finding.evidence} == {
        "Guinea bans bauxite exports",
        "Guinea bans bauxite exports from June",
    }


def test_a_headline_over_the_text_does_not_run_into_its_first_sentence() -> None:
    text = "Jakarta adopts levy on ferronickel\nIndonesia announced an export levy on nickel on Monday."
    (finding,) = detect("", text).signals
    assert "Indonesia announced an export levy on nickel on Monday." in {e.sentence for e in finding.evidence}


def test_a_single_character_counts_beside_the_right_neighbour() -> None:
    assert detect("中国禁止钨出口").signals[0].commodities == ("tungsten",)
    assert detect("中国禁止锡矿出口").signals[0].commodities == ("tin",)


def test_long_text_is_cut_and_says_so() -> None:
    decision = detect("China bans gallium exports", "x " * 150_000)
    assert decision.signals
    assert [ignored.reason for ignored in decision.ignored] == ["text_cut"]


def test_a_title_too_long_is_cut_and_says_so() -> None:
    (ignored,) = [i for i in detect("China bans gallium exports " * 100).ignored if i.reason == "text_cut"]
    assert ignored.detail == "read 1000 of 2700 characters of the title"


def test_sentences_beyond_those_that_are_judged_are_told() -> None:
    text = " ".join(f"China banned exports of gallium to buyer {number}." for number in range(60))
    (ignored,) = [i for i in detect("", text).ignored if i.reason == "text_cut"]
    assert ignored.detail == "judged 41 sentences, there are more"


def test_a_sentence_told_twice_counts_once() -> None:
    act = "China bans exports of gallium."
    once, thrice = detect("", f"{act} Analysts shrug.").signals, detect("", f"{act} {act} {act}").signals
    assert once[0].score == thrice[0].score


def test_credits_and_tag_clouds_within_a_text_are_not_read() -> None:
    text = "The museum reopens on Monday.\nA mayor came.\nRelated: China bans exports of gallium to the US"
    assert not detect("", text).signals
    assert not detect("", text).context


def test_text_without_a_full_stop_is_read_in_pieces() -> None:
    decision = detect("", "the market was calm " * 3000 + "China bans exports of gallium")
    assert [context.rule for context in decision.context] == ["curbs-exports"]
    assert len(decision.context[0].sentence) <= MAX_SENTENCE
