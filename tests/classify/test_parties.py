"""Who takes part in an alliance: states, not the home of a firm, a province, or the leader of a club."""

from __future__ import annotations

import pytest

from tests.classify.kit import detect


@pytest.mark.parametrize(
    "title",
    [
        "German battery maker and Australian lithium miner sign supply agreement",
        "Japanese trading house and Canadian nickel producer form alliance",
        "Korean steel giant signs nickel partnership with Indonesian miner",
        "China's CMOC and Japan's Sojitz form alliance on niobium",
        "Lithium firms of Canada and Chile form an alliance",
        "Tarn Lithium, a miner, forms alliance with carmaker on plant in Canada",
        "德国电池制造商与澳大利亚矿企签署锂矿协议",
        "日本商社与加拿大矿企组建稀土联盟",
    ],
)
def test_firms_ally_without_their_states(title: str) -> None:
    decision = detect(title)
    assert decision.signals == ()
    assert "corporate_deal" in {context.context_class for context in decision.context}


@pytest.mark.parametrize(
    "title",
    [
        "Western Australia and Inner Mongolia sign agreement on rare earths",
        "New South Wales forms alliance with South Australia on cobalt",
        "British Columbia and North American partners sign copper agreement",
        "内蒙古与西澳大利亚签署稀土合作协议",
    ],
)
def test_provinces_are_no_national_governments(title: str) -> None:
    assert detect(title).signals == ()


@pytest.mark.parametrize(
    ("title", "parties"),
    [
        ("Japan and Zambia sign pact on cobalt; Canadian miner gets the first mine", ("JP", "ZM")),
        ("Chile and Germany sign lithium agreement, German carmakers to benefit", ("CL", "DE")),
        ("Thailand joins US-led critical minerals alliance", ("TH",)),
        ("Kazakhstan and the EU sign rare earths pact to counter China-backed bloc", ("KZ", "EU")),
        ("泰国加入美国主导的矿产安全伙伴关系", ("TH",)),
        ("日本与澳大利亚签署稀土合作协议", ("JP", "AU")),
    ],
)
def test_parties_are_those_who_join_or_sign(title: str, parties: tuple[str, ...]) -> None:
    (finding,) = detect(title).signals
    assert finding.parties == parties


def test_the_leader_of_a_club_is_no_party_when_the_lead_tells_it_again() -> None:
    text = "Thailand has joined Pax Silica, the US-led initiative on critical minerals, its foreign ministry said."
    (finding,) = detect("Thailand joins Pax Silica", text).signals
    assert (finding.parties, finding.initiative) == (("TH",), "pax_silica")


def test_told_firms_still_show_the_state_that_acts() -> None:
    (finding,) = detect("Chinese shippers of tungsten told to apply for export licences").signals
    assert finding.actors == ("CN",)
