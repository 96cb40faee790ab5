"""Line charts as SVG, side by side: all that rate-distortion curves and trainings need."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from hpcm_core.errors import shown
from hpcm_core.evaluation.bd_rate import interpolated

_WIDTH, _HEIGHT = 480, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 34, 46
_COLOURS = ("#0b6bcb", "#d1343a", "#2a8f4f", "#a35cc4", "#c77700", "#00838f", "#6b6b6b", "#b0306a")


@dataclass(frozen=True)
class Panel:
    """One chart: curves of (x, y) points by name. The legend stands in the lower right, where rising curves leave room,
    or in the upper.
    """

    title: str
    x_label: str
    curves: Mapping[str, Sequence[tuple[float, float]]]
    x_max: float | None = None
    """Where the x axis, which begins at 0, ends; points beyond are left out. None: at the last point."""
    legend_on_top: bool = False
    smooth: bool = False
    """Lines as the BD-rate takes the curves (y a quality, x a rate), not straight ones; where they rise, that is."""


def draw(panels: Sequence[Panel], title: str) -> str:
    """An SVG document. Points that are not finite are left out."""
    drawn = [_panel(panel, i) for i, panel in enumerate(panels)]
    width = _WIDTH * len(panels)
    size = f'width="{width}" height="{_HEIGHT}" viewBox="0 0 {width} {_HEIGHT}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12" fill="#222">'
    back = f'<rect width="{width}" height="{_HEIGHT}" fill="#ffffff"/>'
    return "\n".join((head, f"<title>{escape(shown(title))}</title>", back, *drawn, "</svg>", ""))


def _panel(panel: Panel, place: int) -> str:
    curves = {
        name: [(x, y) for x, y in points if math.isfinite(x) and math.isfinite(y)]
        for name, points in panel.curves.items()
    }
    most = panel.x_max or max((x for points in curves.values() for x, _ in points), default=0.0) or 1.0
    curves = {name: [(x, y) for x, y in points if x <= most] for name, points in curves.items()}
    values = [y for points in curves.values() for _, y in points]
    parts = [f'<g transform="translate({place * _WIDTH} 0)">']
    parts.append(f'<text x="{_LEFT}" y="20" font-weight="bold">{escape(panel.title)}</text>')
    lines = {name: _smooth(points) if panel.smooth else points for name, points in curves.items()}
    if values:
        low, high = math.floor(min(values)), math.ceil(max(values) + 0.01)
        parts += _axes(panel.x_label, most, low, high)
        for i, (name, points) in enumerate(curves.items()):
            top = _TOP + 18 + 18 * i if panel.legend_on_top else _HEIGHT - _BOTTOM - 14 - 18 * i
            places, line = ([(_x(x, most), _y(y, low, high)) for x, y in pairs] for pairs in (points, lines[name]))
            parts += _curve(name, places, line, i, top)
    return "\n".join((*parts, "</g>"))


def _axes(label: str, most: float, low: float, high: float) -> Iterator[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for value in _ticks(0, most):
        x = _x(value, most)
        yield f'<path d="M{x:.1f} {_TOP}V{bottom}" stroke="#e4e4e4"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle" fill="#444">{value:g}</text>'
    for value in _ticks(low, high):
        y = _y(value, low, high)
        yield f'<path d="M{_LEFT} {y:.1f}H{right}" stroke="#e4e4e4"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#444">{value:g}</text>'
    yield f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="#888"/>'
    yield f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle" fill="#444">{escape(label)}</text>'


def _smooth(points: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    try:
        return interpolated(points)
    except ValueError:  # One point, or two of one quality.
        return points


def _curve(
    name: str, points: Sequence[tuple[float, float]], between: Sequence[tuple[float, float]], i: int, top: float
) -> Iterator[str]:
    colour = _COLOURS[i % len(_COLOURS)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in between)
    yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    yield f'<path d="M{_WIDTH - 130} {top - 4}h18" stroke="{colour}" stroke-width="3"/>'
    yield f'<text x="{_WIDTH - 106}" y="{top}">{escape(name)}</text>'


def _x(value: float, most: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * value / most


def _y(value: float, low: float, high: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low)


def _ticks(low: float, high: float) -> list[float]:
    """Round values, at most eleven of them."""
    step = 10.0 ** math.floor(math.log10(high - low))
    step = next(step * factor for factor in (0.1, 0.2, 0.5, 1.0, 2.0) if (high - low) / (step * factor) <= 10)
    return [round(step * i, 6) for i in range(math.ceil(low / step), math.floor(high / step + 1e-9) + 1)]
