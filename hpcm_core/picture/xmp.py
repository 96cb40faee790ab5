"""XMP as bytes: what it says about things that are not there any more is taken out, packets are put together and split.

Nothing else in a packet changes; what does not look as expected stays.
"""

from __future__ import annotations

import hashlib
import re

from hpcm_core.errors import Phrase

EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
"""What stands before a piece of extended XMP in a JPEG file."""
JPEG_LIMIT = 65502
"""Bytes of XMP that fit into a JPEG file's segment."""
_PIECE = 65400
_EXIF = b"http://ns.adobe.com/exif/1.0/"
_NOTE = b"http://ns.adobe.com/xmp/note/"
_RDF_END = re.compile(rb"</(?:\w+:)?RDF\s*>")
_RDF_BODY = re.compile(rb"<((?:\w+:)?RDF)\b([^>]*)>(.*)</\1\s*>", re.DOTALL)
_NAMESPACE = re.compile(rb"xmlns:(\w+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_ORIENTATION = re.compile(rb"(tiff:Orientation\s*(?:=\s*[\"']|>)\s*)([0-9])")


def upright(xmp: bytes) -> bytes:
    """The same XMP with its tiff:Orientation, if it has one, set to 1."""
    return _ORIENTATION.sub(rb"\g<1>1", xmp)


def orientation_of(xmp: bytes) -> int:
    """Its tiff:Orientation; 1 where it has none."""
    found = _ORIENTATION.search(xmp)
    return int(found[2]) if found is not None and b"1" <= found[2] <= b"8" else 1


def without_location(xmp: bytes) -> bytes:
    """The same XMP without its GPS properties."""
    return _without(xmp, _EXIF, rb"GPS\w+")


def without_attachments(xmp: bytes) -> tuple[bytes, list[Phrase]]:
    """The same XMP without claims about gain maps, depth maps and videos behind the picture; what those were."""
    found = []
    for phrase, claims in (
        (Phrase("the gain map for brighter screens"), ((b"http://ns.adobe.com/hdr-gain-map/1.0/", rb"\w+"),)),
        (
            Phrase("the depth map"),
            (
                (b"http://ns.google.com/photos/1.0/depthmap/", rb"\w+"),
                (b"http://ns.google.com/photos/1.0/image/", rb"\w+"),
            ),
        ),
        (
            Phrase("the video beside the picture"),
            ((b"http://ns.google.com/photos/1.0/camera/", rb"(?:MotionPhoto|MicroVideo)\w*"),),
        ),
    ):
        before = xmp
        for namespace, names in claims:
            xmp = _without(xmp, namespace, names)
        if xmp != before:
            found.append(phrase)
    # The list of pictures in the file. It is wrong as soon as one of them is left out.
    return _without(xmp, b"http://ns.google.com/photos/1.0/container/", rb"Directory"), found


def joined(xmp: bytes, pieces: list[bytes]) -> tuple[bytes, bool]:
    """XMP with its extension, of which pieces are given as they lie in a JPEG file; whether all could be joined."""
    guid = re.search(rb"HasExtendedXMP\s*(?:=\s*[\"']|>)\s*([0-9A-Fa-f]{32})", xmp)
    if guid is None:
        return xmp, not pieces
    parts = {
        int.from_bytes(piece[36:40], "big"): piece[40:] for piece in pieces if piece[:32].upper() == guid[1].upper()
    }
    whole = b"".join(part for _, part in sorted(parts.items()))
    if hashlib.md5(whole, usedforsecurity=False).hexdigest().upper().encode() != guid[1].upper():
        return xmp, False
    end, body = _RDF_END.search(xmp), _RDF_BODY.search(whole)
    if end is None or body is None:
        return xmp, False
    own, theirs = dict(_NAMESPACE.findall(xmp[: end.start()])), dict(_NAMESPACE.findall(whole))
    missing = {prefix: uri for prefix, uri in theirs.items() if own.get(prefix) != uri}
    if any(prefix in own for prefix in missing):
        return xmp, False
    declared = b"".join(b" xmlns:" + prefix + b"=" + uri for prefix, uri in missing.items())
    start = re.search(rb"<(?:\w+:)?RDF\b", xmp)
    if start is None:
        return xmp, False
    whole_xmp = xmp[: start.end()] + declared + xmp[start.end() : end.start()] + body[3] + xmp[end.start() :]
    return _without(whole_xmp, _NOTE, rb"HasExtendedXMP"), True


def split(xmp: bytes) -> tuple[bytes, list[bytes]]:
    """XMP for a JPEG file: what fits into its segment, and segments (with marker) of the rest."""
    if len(xmp) <= JPEG_LIMIT:
        return xmp, []
    start, end = xmp.find(b"<?xpacket begin"), xmp.rfind(b"<?xpacket end")
    if start >= 0 and end > start:  # The wrapper, and the room for changes before its end.
        xmp = xmp[xmp.index(b"?>", start) + 2 : end].strip()
    if len(xmp) <= JPEG_LIMIT:
        return xmp, []
    guid = hashlib.md5(xmp, usedforsecurity=False).hexdigest().upper().encode()
    main = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:xmpNote="' + _NOTE + b'" xmpNote:HasExtendedXMP="' + guid + b'"/>'
        b"</rdf:RDF></x:xmpmeta>"
    )
    segments = []
    for offset in range(0, len(xmp), _PIECE):
        place = len(xmp).to_bytes(4, "big") + offset.to_bytes(4, "big")
        payload = EXTENSION + guid + place + xmp[offset : offset + _PIECE]
        segments.append(b"\xff\xe1" + (len(payload) + 2).to_bytes(2, "big") + payload)
    return main, segments


def _without(xmp: bytes, namespace: bytes, names: bytes) -> bytes:
    """Without the attributes and elements of a namespace whose names match."""
    for prefix, uri in set(_NAMESPACE.findall(xmp)):
        if uri[1:-1] != namespace:
            continue
        name = re.escape(prefix) + b":" + names
        xmp = re.sub(rb"\s" + name + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", xmp)
        xmp = re.sub(rb"<" + name + rb"(?:\s[^<>]*)?/>\s*", b"", xmp)
        xmp = re.sub(rb"<(" + name + rb")(?:\s[^<>]*)?>.*?</\1\s*>\s*", b"", xmp, flags=re.DOTALL)
    return xmp
