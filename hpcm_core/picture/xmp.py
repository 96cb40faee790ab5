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
_RDF_START = re.compile(rb"<(?:\w+:)?RDF\b")
_MOST_PREFIXES = 16
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
    """The same XMP without its GPS properties and names of places."""
    for namespace, names in (
        (_EXIF, rb"GPS\w+"),
        (b"http://ns.adobe.com/photoshop/1.0/", rb"(?:City|State|Country)"),
        (b"http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", rb"(?:Location|CountryCode)"),
        (b"http://iptc.org/std/Iptc4xmpExt/2008-02-29/", rb"Location(?:Created|Shown)"),
    ):
        xmp = _without(xmp, namespace, names)
    return xmp


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
    start, end, body = _RDF_START.search(xmp), _RDF_END.search(xmp), _rdf_body(whole)
    if start is None or end is None or body is None:
        return xmp, False
    own, theirs = dict(_NAMESPACE.findall(xmp[: end.start()])), dict(_NAMESPACE.findall(whole))
    missing = {prefix: uri for prefix, uri in theirs.items() if own.get(prefix) != uri}
    if any(prefix in own for prefix in missing):
        return xmp, False
    declared = b"".join(b" xmlns:" + prefix + b"=" + uri for prefix, uri in missing.items())
    whole_xmp = xmp[: start.end()] + declared + xmp[start.end() : end.start()] + body + xmp[end.start() :]
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


def _rdf_body(xmp: bytes) -> bytes | None:
    """What is between the first start and the last end of RDF."""
    start = _RDF_START.search(xmp)
    inside = xmp.find(b">", start.end()) + 1 if start is not None else 0
    end = max((found.start() for found in _RDF_END.finditer(xmp)), default=-1)
    return xmp[inside:end] if 0 < inside <= end else None


def _without(xmp: bytes, namespace: bytes, names: bytes) -> bytes:
    """Without the attributes and elements of a namespace whose names match. Time grows as the packet's length."""
    prefixes = {prefix for prefix, uri in _NAMESPACE.findall(xmp) if uri[1:-1] == namespace}
    if not prefixes:
        return xmp
    if len(prefixes) > _MOST_PREFIXES:  # No program writes that; searching for all would take for ever.
        return b""
    name = b"(?:" + b"|".join(sorted(map(re.escape, prefixes))) + b"):" + names
    xmp = re.sub(rb"\s" + name + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", xmp)
    tokens = list(re.finditer(rb"<(/?)(" + name + rb")(?:\s[^<>]*)?/?>\s*", xmp))
    # Where the next end of each name is, from the back: looking for it from every start would take for ever, too.
    ends: list[int] = []
    following: dict[bytes, int] = {}
    for token in reversed(tokens):
        if token[1]:
            following[token[2]] = token.end()
        ends.append(token.end() if token[0].rstrip().endswith(b"/>") else following.get(token[2], 0))
    kept, position = [], 0
    for token, end in zip(tokens, reversed(ends), strict=True):
        if not token[1] and end > position and token.start() >= position:
            kept.append(xmp[position : token.start()])
            position = end
    return b"".join((*kept, xmp[position:]))
