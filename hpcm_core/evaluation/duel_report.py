"""The page of a duel: tables and crops in one HTML file that needs nothing beside it, to be sent to someone."""

from __future__ import annotations

import base64
import io
import math
import zlib
from collections.abc import Sequence
from html import escape
from itertools import product

import numpy as np

from hpcm_core.evaluation.contestants import Contestant, Duel, miss_in_words
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.pillow import image_of, to_srgb
from hpcm_core.picture.samples import to_8_bits

SIDE = 256
"""Pixels of a crop, which is shown one to one."""
CROPS = 3
_HEADS = (
    "Codec", "Settings", "Bytes", "bpp", "PSNR (dB)", "MS-SSIM (dB)", "SSIMULACRA 2", "Encoding (s)", "Decoding (s)",
)  # fmt: skip
_SAME = {"bytes": "at the bytes", "psnr": "at the PSNR", "ms-ssim": "at the MS-SSIM"}
_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1640px; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
.table { overflow-x: auto; }
th, td { text-align: right; white-space: nowrap; padding: .3rem .8rem; border-bottom: 1px solid #8884; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
.crops { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 1rem; }
figure { margin: 0; } figcaption { font-size: 13px; } .note, .settings { opacity: .75; font-size: 13px; }
.crop { background-size: 100% 100%; } .crop, img { image-rendering: pixelated; display: block; }
.crop:hover img.own, .crop:focus img.own { visibility: hidden; }
@media (max-width: 1200px) {
  th, td { padding: .3rem .5rem; } th, td:nth-child(2) { white-space: normal; }
}
@media (max-width: 700px) {
  table, tbody { display: block; } tr:first-child { display: none; }
  tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(5.8rem, 1fr)); gap: 0 .3rem; padding: .5rem 0; }
  tr { border-bottom: 1px solid #8884; } td { border: 0; padding: .1rem 0; text-align: left; }
  td:nth-child(-n+2) { grid-column: 1 / -1; } td:first-child { font-weight: bold; }
  td[data-head]::before { content: attr(data-head); display: block; opacity: .75; font-size: 13px; }
}
"""
"""On a narrow screen a row of the table becomes a block whose figures have their heads with them."""


def page(sections: Sequence[str], at: str, reference: str) -> str:
    """The whole document. sections: one a picture; reference: whose bytes or quality the others were held to."""
    title = f"Duel {_SAME[at]} of {reference}"
    return (
        "<!DOCTYPE html>\n<html lang=en><meta charset=utf-8>\n"
        # Nothing is loaded, and nothing in a picture's name can be.
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; img-src data:; "
        "style-src 'unsafe-inline'\">\n"
        "<meta name=viewport content='width=device-width, initial-scale=1'>\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n<h1>{escape(title)}</h1>\n"
        "<p>Every file has colour alone: no metadata, no profile, no alpha. The crops are those in which all codecs "
        "together err most, one pixel of the picture a pixel of the page; point at one, or tap it, to see the "
        "original.</p>\n" + "\n".join(sections) + "\n</html>\n"
    )


def section(name: str, original: Picture, found: Duel) -> str:
    """One picture's part of the page: its table, what is to be said of it, and its crops."""
    name = name.encode(errors="backslashreplace").decode()  # Bytes that are no text stand as escapes.
    notes = [note for one in found.contestants if (note := miss_in_words(one, found.at))] + list(found.left_out)
    parts = [
        f"<h2>{escape(name)} <small>{original.width} × {original.height}</small></h2>",
        "<div class=table><table><tr>" + "".join(f"<th>{head}" for head in _HEADS),
        *(_row(one) for one in found.contestants),
        "</table></div>",
        *(f"<p class=note>{escape(note)}</p>" for note in notes),
    ]
    for left, top in crops(original, [one.picture for one in found.contestants]):
        part = np.s_[top : top + SIDE, left : left + SIDE]
        shape = f"width={min(SIDE, original.width)} height={min(SIDE, original.height)}"
        background = _data_uri(original, part)
        figures = [f"<figure><img {shape} alt='' src=\"{background}\"><figcaption>Original</figcaption></figure>"]
        for one in found.contestants:
            own = f"<img class=own {shape} alt='' src=\"{_data_uri(one.picture, part)}\">"
            caption = f"{escape(one.title)} · {one.metrics.size_bytes:,} bytes"
            figures.append(f"<figure><div class=crop tabindex=0>{own}</div><figcaption>{caption}</figcaption></figure>")
        style = f"<style>#{_id(background)} .crop {{ background-image: url({background}) }}</style>"
        parts.append(f"{style}<div class=crops id={_id(background)}>{''.join(figures)}</div>")
    return "\n".join(parts)


def crops(
    original: Picture, pictures: Sequence[Picture], side: int = SIDE, count: int = CROPS
) -> list[tuple[int, int]]:
    """Left upper corners of squares, apart from each other, in which the pictures differ most from the original.

    A picture's error counts relative to its own mean, so that none decides alone.
    """
    lefts, tops = _corners(original.width, side), _corners(original.height, side)
    corners = list(product(lefts, tops))
    blame = np.zeros(len(corners))
    for picture in pictures:
        errors = np.array([_error(original, picture, left, top, side) for left, top in corners])
        if errors.any():
            blame += errors / errors.mean()
    chosen: list[tuple[int, int]] = []
    for left, top in (corners[place] for place in np.argsort(-blame, kind="stable")):
        apart = all(abs(left - x) >= side or abs(top - y) >= side for x, y in chosen)
        if apart and len(chosen) < count:
            chosen.append((left, top))
    return chosen


def _corners(length: int, side: int) -> list[int]:
    """Where squares begin that lie side by side, the last moved back into the picture."""
    return [min(start, max(length - side, 0)) for start in range(0, length, side)]


def _error(original: Picture, picture: Picture, left: int, top: int, side: int) -> float:
    part = np.s_[top : top + side, left : left + side]
    first, second = (to_8_bits(one.rgb()[part]).astype(np.int16) for one in (original, picture))
    return float(np.abs(first - second).mean())


def _data_uri(picture: Picture, part: tuple[slice, slice]) -> str:
    """A part as PNG in sRGB."""
    file = io.BytesIO()
    to_srgb(image_of(picture.pixels[part]), picture.icc).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _id(uri: str) -> str:
    """A name for what is made of that crop."""
    return f"c{zlib.crc32(uri.encode()):08x}"


def _row(one: Contestant) -> str:
    m = one.metrics
    cells = (
        escape(one.title),
        f"<span class=settings>{escape(one.settings)}</span>",
        f"{m.size_bytes:,}",
        _figure(m.bpp, 4),
        _figure(m.psnr, 2),
        _figure(m.ms_ssim_db, 2),
        _figure(m.ssimulacra2, 1),
        _figure(one.encode_seconds, 2),
        _figure(one.decode_seconds, 2),
    )
    named = zip(_HEADS, cells, strict=True)
    return "<tr>" + "".join(
        f"<td>{cell}" if place < 2 else f"<td data-head='{head}'>{cell}" for place, (head, cell) in enumerate(named)
    )


def _figure(value: float | None, digits: int) -> str:
    return "–" if value is None else "∞" if math.isinf(value) else f"{value:.{digits}f}"
