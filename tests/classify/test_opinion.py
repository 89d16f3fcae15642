"""Wishes of people without office are no acts; the same words from officials, and in rules, are."""

from __future__ import annotations

import pytest

from tests.classify.kit import detect


@pytest.mark.parametrize(
    "text",
    [
        "It is time for Ottawa to ban exports of raw lithium.",
        "It is high time the government in Jakarta banned exports of nickel ore.",
        "Chile has to restrict its lithium exports.",
        "Zambia needs to ban exports of raw copper.",
        "The government must ban exports of raw cobalt.",
        "The minister ought to restrict antimony exports.",
        "Let us ban exports of raw bauxite and build refineries in Guinea.",
        "政府应当禁止锂精矿出口。",
        "中国应该限制钨出口。",
        "是时候让政府禁止稀土出口了。",
    ],
)
def test_wishes_are_opinions(text: str) -> None:
    decision = detect(text=text)
    assert decision.signals == ()
    assert [context.context_class for context in decision.context] == ["opinion"]


@pytest.mark.parametrize(
    "text",
    [
        "The mines minister said Zambia must ban exports of raw copper.",
        "Exporters of gallium need to obtain licences from Beijing.",
        "Chinese exporters must apply for export licences for gallium, the ministry said.",
        "出口经营者出口钨相关物项，应当向商务主管部门申请出口许可证。",
        "中国出口商必须申请镓出口许可证。",
    ],
)
def test_rules_and_the_words_of_officials_are_none(text: str) -> None:
    assert [finding.kind for finding in detect(text=text).signals] == ["export_restriction"]


@pytest.mark.parametrize(
    "title",
    [
        "Opinion: China bans gallium exports",
        "EDITORIAL | China bans gallium exports",
        "[Comment] China bans gallium exports",
        "Analysis - China bans gallium exports",
        "Letter to the editor: China bans gallium exports",
        "Column: China bans gallium exports",
        "社论：中国禁止镓出口",
        "【评论】中国禁止镓出口",
        "观点丨中国禁止镓出口",
    ],
)
def test_titles_that_say_opinion_make_the_article_one(title: str) -> None:
    decision = detect(title, "China banned exports of gallium on Monday, the ministry said. 中国禁止镓出口。")
    assert decision.signals == ()
    assert {context.context_class for context in decision.context} == {"opinion"}


@pytest.mark.parametrize(
    "title",
    [
        "Letter of intent: China bans gallium exports",
        "Comment period over: China bans gallium exports",
        "China bans gallium exports: analysis of the text begins",
        "观点发布会：中国禁止镓出口",
    ],
)
def test_other_titles_do_not(title: str) -> None:
    assert [finding.kind for finding in detect(title).signals] == ["export_restriction"]
