"""Which addresses may be reached."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import ConfigError
from shared.http.address import parse_networks, refusal


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.9.10", "loopback"),
        ("::1", "loopback"),
        ("10.0.0.1", "not a public address"),
        ("172.16.5.4", "not a public address"),
        ("192.168.1.1", "not a public address"),
        ("0.0.0.0", "not a public address"),
        ("255.255.255.255", "not a public address"),
        ("240.0.0.1", "not a public address"),
        ("198.18.0.1", "not a public address"),
        ("fd00:ec2::254", "not a public address"),
        ("fec0::1", "not a public address"),
        ("::", "not a public address"),
        ("::7f00:1", "not a public address"),
        ("100::1", "not a public address"),
        ("5f00::1", "not a public address"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("168.63.129.16", "cloud metadata"),
        ("100.100.100.200", "carrier-grade NAT"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("ff02::1", "multicast"),
        ("::ffff:127.0.0.1", "IPv4-mapped"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b:1::a00:1", "NAT64"),
        ("2002:7f00:1::", "6to4"),
        ("192.88.99.1", "6to4 relay"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
        ("192.0.0.8", "IETF protocol assignments"),
        ("3fff::1", "documentation"),
        ("2130706433", "not an IP address"),
        ("0x7f.1", "not an IP address"),
        ("example.org", "not an IP address"),
        ("", "not an IP address"),
    ],
)
def test_any_other_address_is_refused_and_the_reason_told(address: str, reason: str) -> None:
    assert refusal(address) == reason


def test_the_operator_can_allow_a_network() -> None:
    networks = parse_networks(["127.0.0.0/8", " 10.1.2.3 ", "fd00::/8"])

    assert refusal("127.0.0.1", networks) is None
    assert refusal("10.1.2.3", networks) is None
    assert refusal("fd12::1", networks) is None
    assert refusal("10.1.2.4", networks) == "not a public address"


def test_allowing_an_ipv4_network_does_not_allow_ipv6_forms_of_it() -> None:
    assert refusal("::ffff:127.0.0.1", parse_networks(["127.0.0.0/8"])) == "IPv4-mapped"


def test_every_wrong_network_is_reported() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_networks(["10.0.0.0/8", "10.0.0.1/8", "localhost"])

    assert [problem.message.split(" is no network")[0] for problem in caught.value.problems] == [
        "'10.0.0.1/8'",
        "'localhost'",
    ]


@given(st.integers(0, 2**32 - 1))
def test_no_ipv4_address_passes_that_python_calls_private_or_special(value: int) -> None:
    ip = IPv4Address(value)
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        assert refusal(str(ip)) is not None


@given(st.integers(0, 2**32 - 1))
def test_no_ipv4_address_passes_inside_an_ipv6_one(value: int) -> None:
    for prefix in (0xFFFF << 32, 0x64FF9B << 96, 0x2002 << 112 | value << 80):
        assert refusal(str(IPv6Address(prefix | value))) is not None
