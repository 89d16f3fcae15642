"""Hiding secrets in addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.masking import mask_url

words = st.text(alphabet="abcdefgh0123456789-._~", min_size=8, max_size=20).map(lambda text: f"SECRET{text}")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://ore:hunter2@db/x", "postgresql://***@db/x"),
        ("nats://token@n1:4222,nats://u:p@n2:4222", "nats://***@n1:4222,nats://***@n2:4222"),
        ("postgresql://db/x?user=u&password=p", "postgresql://db/x?user=***&password=***"),
        ("https://feed.example/a?key=1#part", "https://feed.example/a?key=***#part"),
        ("https://feed.example/plain", "https://feed.example/plain"),
        ("/data/orewire", "/data/orewire"),
    ],
)
def test_user_password_and_query_values_are_hidden(address: str, shown: str) -> None:
    assert mask_url(address) == shown


@given(words, words, words)
def test_no_secret_survives(user: str, password: str, value: str) -> None:
    shown = mask_url(f"https://{user}:{password}@host.example/path?key={value}&next={value}")
    assert "SECRET" not in shown
