"""Collecting a body under a limit."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.body import BodyBuffer, Undecodable


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def _pack(encoding: str, data: bytes) -> bytes:
    packers = {"": bytes, "identity": bytes, "gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress}
    return packers[encoding](data)


def _feed(buffer: BodyBuffer, data: bytes, size: int) -> None:
    for start in range(0, len(data), size):
        if not buffer.feed(data[start : start + size]):
            return


@given(
    data=st.binary(max_size=2000),
    encoding=st.sampled_from(["", "identity", "gzip", "x-gzip", "deflate"]),
    size=st.integers(1, 500),
)
def test_any_body_that_fits_comes_out_whole_however_it_is_cut(data: bytes, encoding: str, size: int) -> None:
    buffer = BodyBuffer(len(data) + 100, encoding)

    _feed(buffer, _pack(encoding, data), size)
    buffer.finish()

    assert (buffer.content, buffer.overflow) == (data, False)


@given(
    data=st.binary(min_size=1, max_size=2000), encoding=st.sampled_from(["", "gzip", "deflate"]), limit=st.integers(0)
)
def test_never_more_than_the_limit_is_kept(data: bytes, encoding: str, limit: int) -> None:
    limit %= len(data)
    buffer = BodyBuffer(limit, encoding)

    _feed(buffer, _pack(encoding, data), 100)

    assert buffer.overflow
    assert data.startswith(buffer.content)
    assert len(buffer.content) <= limit


def test_a_body_of_exactly_the_limit_is_no_overflow() -> None:
    buffer = BodyBuffer(1000, "gzip")

    _feed(buffer, gzip.compress(b"a" * 1000), 7)
    buffer.finish()

    assert (len(buffer.content), buffer.overflow) == (1000, False)


def test_a_gzip_bomb_costs_no_more_memory_than_the_limit() -> None:
    bomb = gzip.compress(bytes(100_000_000))
    tracemalloc.start()

    buffer = BodyBuffer(1_000_000, "gzip")
    _feed(buffer, bomb, 65536)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert buffer.overflow
    assert peak < 5_000_000


def test_endless_empty_gzip_members_end_at_the_limit() -> None:
    buffer = BodyBuffer(1000, "gzip")

    _feed(buffer, gzip.compress(b"") * 100, 64)

    assert buffer.overflow


def test_gzip_members_one_after_another_are_one_body() -> None:
    buffer = BodyBuffer(1000, "gzip")

    _feed(buffer, gzip.compress(b"one ") + gzip.compress(b"two"), 3)
    buffer.finish()

    assert buffer.content == b"one two"


def test_deflate_without_its_zlib_frame_is_understood() -> None:
    buffer = BodyBuffer(1000, "deflate")

    buffer.feed(_raw_deflate(b"some words"))
    buffer.finish()

    assert buffer.content == b"some words"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_an_encoding_that_was_not_asked_for_is_undecodable(encoding: str) -> None:
    with pytest.raises(Undecodable):
        BodyBuffer(1000, encoding)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_damaged_stream_is_undecodable(encoding: str) -> None:
    with pytest.raises(Undecodable, match="damaged"):
        BodyBuffer(1000, encoding).feed(b"\xff\xfenot compressed at all")


def test_a_compressed_stream_cut_off_is_undecodable() -> None:
    buffer = BodyBuffer(1000, "gzip")
    buffer.feed(gzip.compress(b"some words")[:-6])

    with pytest.raises(Undecodable, match="cut off"):
        buffer.finish()


def test_an_empty_body_is_fine_whatever_its_encoding() -> None:
    buffer = BodyBuffer(1000, "gzip")
    buffer.finish()

    assert buffer.content == b""
