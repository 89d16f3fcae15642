"""PDFs as small as they can be, written by hand."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

HEADER = b"%PDF-1.4\n"


def pdf_of(*pages: Sequence[str], cjk: bool = False, packed: bool = False) -> bytes:
    """A PDF with these lines on each page; `cjk` writes them in a font every reader has to know by name."""
    objects: list[bytes] = []
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects.append(b"<</Type/Catalog/Pages 2 0 R>>")
    objects.append(f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode())
    objects.append(_font(cjk))
    for number, lines in enumerate(pages):
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {5 + 2 * number} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>".encode()
        )
        objects.append(_stream(_content(lines, cjk), packed))
    return assembled(objects)


def assembled(objects: Sequence[bytes]) -> bytes:
    """A file of these objects; the first is the catalogue."""
    body, places = bytearray(HEADER), []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
    return bytes(body + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start))


def _font(cjk: bool) -> bytes:
    if not cjk:
        return b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    return (
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Type/Font"
        b"/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0"
        b"/Ascent 800/Descent -200/CapHeight 700/StemV 80>>>>]>>"
    )


def _content(lines: Sequence[str], cjk: bool) -> bytes:
    shown = [b"BT /F 11 Tf 16 TL 60 780 Td"]
    for line in lines:
        if cjk:
            shown.append(b"<" + line.encode("utf-16-be").hex().encode() + b"> Tj T*")
        else:
            escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            shown.append(b"(" + escaped.encode("cp1252") + b") Tj T*")
    return b"\n".join([*shown, b"ET"])


def _stream(content: bytes, packed: bool) -> bytes:
    data = zlib.compress(content) if packed else content
    kind = b"/Filter/FlateDecode" if packed else b""
    return b"<<" + kind + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"
