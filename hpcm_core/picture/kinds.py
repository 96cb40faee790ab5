"""Names of kinds of files that are taken for pictures and not read, by how they begin."""

from __future__ import annotations

from typing import IO

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF", "PDF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\0\0\0\x0cjP  \r\n", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"#?RGBE", "Radiance HDR"),
    (0, b"\0\0\x01\0", "ICO"),
    (0, b"qoif", "QOI"),
    (0, b"DDS ", "DDS"),
    (0, b"gimp xcf", "GIMP"),
    (0, b"\x8aMNG", "MNG"),
    (0, b"\x8bJNG", "JNG"),
    (0, b"II\xbc\x01", "JPEG XR"),
    (0, b"\xd7\xcd\xc6\x9a", "WMF"),
    (0, b"%!PS", "PostScript"),
    (0, b"FLIF", "FLIF"),
    (0, b"BPG\xfb", "BPG"),
    (0, b"SIMPLE  =", "FITS"),
    (0, b"\x1aE\xdf\xa3", "Matroska (WebM)"),
    (8, b"AVI ", "AVI"),
    (4, b"ftyp", "MP4 (QuickTime)"),
    (4, b"moov", "QuickTime"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"\x89HPC", ".hpcm"),
)
_HEAD = 1024
_BMP_CODINGS = {3: "bit fields", 4: "JPEG", 5: "PNG", 6: "bit fields"}
_BMP_BITS = (0, 1, 4, 8, 16, 24, 32)
_MOST_SEGMENTS = 4096


def name_of(head: bytes) -> str | None:
    """The name of the kind of file that begins so, where it is one of those; None for others."""
    for offset, signature, name in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return name
    text = head[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text:
        return "SVG"
    if text[:2] in (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"P7", b"PF", b"Pf") and text[2:3].isspace():
        return "Netpbm"
    return None


def odd_kind_of(file: IO[bytes]) -> str | None:
    """The same for a file of a kind that is read in its common forms, by its form; None for common and damaged ones."""
    file.seek(0)
    head = file.read(34)
    if head.startswith(b"\xff\xd8\xff"):
        return _jpeg_form(file)
    if head.startswith(b"BM") and len(head) == 34:
        return _bmp_form(head)
    return None


def _bmp_form(head: bytes) -> str | None:
    """By the size of the header behind the first 14 bytes, bits of a pixel and compression."""
    size, bits, coding = (int.from_bytes(head[at:end], "little") for at, end in ((14, 18), (28, 30), (30, 34)))
    if size < 40:
        return "BMP (OS/2)" if size == 16 else None
    form = _BMP_CODINGS.get(coding) or ("" if bits in _BMP_BITS else f"{bits} bits")
    return f"BMP ({form})" if form else None


def _jpeg_form(file: IO[bytes]) -> str | None:
    """By the frame header (ITU-T T.81, B.2.2): its marker, bits of a sample, components."""
    position = 2
    for _ in range(_MOST_SEGMENTS):
        file.seek(position)
        marker, data = file.read(2), file.read(8)
        if len(data) < 8 or marker[0] != 0xFF or marker[1] == 0xDA:
            return None
        if marker[1] == 0xF7:
            return "JPEG-LS"
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
            bits, components = data[2], data[7]
            if bits != 8:
                return f"JPEG ({bits} bits)"
            return None if components in (1, 3, 4) else f"JPEG ({components} components)"
        position += 2 + int.from_bytes(data[:2], "big")
    return None
