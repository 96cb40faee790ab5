"""Names of kinds of files that are taken for pictures and not read, by how they begin."""

from __future__ import annotations

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
