"""Rate-distortion curves as an SVG drawing: PSNR and MS-SSIM over bits per pixel, side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from hpcm_core.rd import Point

_WIDTH, _HEIGHT = 480, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 34, 46
_COLOURS = ("#0b6bcb", "#d1343a", "#2a8f4f", "#a35cc4", "#c77700", "#00838f", "#6b6b6b", "#b0306a")
_TITLES = {"psnr": "PSNR (dB)", "ms_ssim_db": "MS-SSIM (dB)"}


def draw(curves: Mapping[str, Sequence[Point]], title: str, most_bpp: float = 2.0) -> str:
    """An SVG document. Points beyond `most_bpp` are left out: there all codecs look alike."""
    panels = [_panel(curves, quality, i, most_bpp) for i, quality in enumerate(_TITLES)]
    size = f'width="{2 * _WIDTH}" height="{_HEIGHT}" viewBox="0 0 {2 * _WIDTH} {_HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" fill="#222">'
    back = f'<rect width="{2 * _WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>'
    return "\n".join((head, f"<title>{escape(title)}</title>", back, *panels, "</svg>", ""))


def _panel(curves: Mapping[str, Sequence[Point]], quality: str, place: int, most_bpp: float) -> str:
    shown = {
        name: [(p.bpp, getattr(p, quality)) for p in points if p.bpp <= most_bpp and getattr(p, quality) is not None]
        for name, points in curves.items()
    }
    values = [value for points in shown.values() for _, value in points if math.isfinite(value)]
    parts = [f'<g transform="translate({place * _WIDTH} 0)">']
    parts.append(f'<text x="{_LEFT}" y="20" font-weight="bold">{_TITLES[quality]} over bits per pixel</text>')
    if values:
        low, high = math.floor(min(values)), math.ceil(max(values) + 0.01)
        parts += _axes(most_bpp, low, high)
        for i, (name, points) in enumerate(shown.items()):
            parts += _curve(name, [(_x(b, most_bpp), _y(v, low, high)) for b, v in points], i)
    return "\n".join((*parts, "</g>"))


def _axes(most_bpp: float, low: float, high: float) -> Iterator[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for value in _ticks(0, most_bpp):
        x = _x(value, most_bpp)
        yield f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="#e4e4e4"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#444">{value:g}</text>'
    for value in _ticks(low, high):
        y = _y(value, low, high)
        yield f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#e4e4e4"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{value:g}</text>'
    yield f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="#888"/>'
    yield f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle" fill="#444">bpp</text>'


def _curve(name: str, points: Sequence[tuple[float, float]], i: int) -> Iterator[str]:
    colour = _COLOURS[i % len(_COLOURS)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    top = _HEIGHT - _BOTTOM - 14 - 18 * i
    yield f'<path d="M{_WIDTH - 130} {top - 4}h18" stroke="{colour}" stroke-width="3"/>'
    yield f'<text x="{_WIDTH - 106}" y="{top}">{escape(name)}</text>'


def _x(bpp: float, most: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * bpp / most


def _y(value: float, low: float, high: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low)


def _ticks(low: float, high: float) -> list[float]:
    """Round values, at most eleven of them."""
    step = 10.0 ** math.floor(math.log10(high - low))
    step = next(step * factor for factor in (0.1, 0.2, 0.5, 1.0, 2.0) if (high - low) / (step * factor) <= 10)
    return [round(step * i, 6) for i in range(math.ceil(low / step), math.floor(high / step + 1e-9) + 1)]
