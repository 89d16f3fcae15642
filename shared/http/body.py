"""Collects a reply's body under a hard limit of bytes, decompressing no more than fits. Pure."""

from __future__ import annotations

import zlib

_GZIP_OR_ZLIB, _RAW_DEFLATE = 47, -15  # window bits: auto-detect both formats; deflate without its zlib frame
ENCODINGS = "gzip, deflate"


class Undecodable(ValueError):
    """The body is not encoded the way its header says."""


class BodyBuffer:
    """Takes raw chunks as they arrive, keeps at most `limit` decoded bytes.

    The raw size counts as well: a compressed stream that yields nothing cannot keep us reading.
    """

    def __init__(self, limit: int, encoding: str = "") -> None:
        """`encoding` is the content-encoding header; `Undecodable` when it is one we did not ask for."""
        self.limit = limit
        self.overflow = False
        self._parts: list[bytes] = []
        self._size = self._raw = 0
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Undecodable("unknown content-encoding")
        self._inflate = None if self._encoding in ("", "identity") else zlib.decompressobj(_GZIP_OR_ZLIB)

    @property
    def content(self) -> bytes:
        """What has been collected so far."""
        return b"".join(self._parts)

    def feed(self, chunk: bytes) -> bool:
        """Add a raw chunk. False once the limit is passed: then stop reading.

        Raises:
            Undecodable: the chunk is not what the content-encoding promised.
        """
        self._raw += len(chunk)
        if self._inflate is None:
            self._keep(chunk)
        else:
            self._decompress(chunk)
        self.overflow = self.overflow or self._raw > self.limit
        return not self.overflow

    def finish(self) -> None:
        """Say that the last chunk has come.

        Raises:
            Undecodable: the compressed stream ends in the middle.
        """
        if self._inflate is not None and self._raw and not self._inflate.eof:
            raise Undecodable("compressed body is cut off")

    def _keep(self, data: bytes) -> None:
        room = self.limit - self._size
        self.overflow = self.overflow or len(data) > room
        self._parts.append(data[:room])
        self._size += min(len(data), room)

    def _decompress(self, chunk: bytes) -> None:
        while chunk and not self.overflow:
            decoder = self._decoder()
            # one byte more than fits tells a full buffer from an overflowing one
            self._keep(self._inflated(decoder, chunk, self.limit - self._size + 1))
            chunk = decoder.unused_data

    def _decoder(self) -> zlib._Decompress:
        assert self._inflate is not None
        if self._inflate.eof:  # gzip allows one member after another
            self._inflate = zlib.decompressobj(_GZIP_OR_ZLIB)
        return self._inflate

    def _inflated(self, decoder: zlib._Decompress, chunk: bytes, most: int) -> bytes:
        try:
            return decoder.decompress(chunk, most)
        except zlib.error:
            if self._encoding != "deflate" or self._size or self._raw > len(chunk):
                raise Undecodable("compressed body is damaged") from None
        self._inflate = zlib.decompressobj(_RAW_DEFLATE)
        try:
            return self._inflate.decompress(chunk, most)
        except zlib.error:
            raise Undecodable("compressed body is damaged") from None
