from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.transform.tiling import grid, least_padding, split, windows

TILE_MAX, TILE_UNIT = 64, 16


class Cut(NamedTuple):
    stride: int
    units: tuple[int, ...]
    tile: int


LENGTHS = st.integers(1, 4096 // TILE_UNIT).map(lambda units: units * TILE_UNIT)


@given(LENGTHS)
def test_spans_cover_and_fit(length):
    spans = split(length, TILE_MAX, TILE_UNIT)
    assert [span.start for span in spans] == [0] + [span.stop for span in spans[:-1]]
    assert spans[-1].stop == length
    assert len(spans) == -(-length // TILE_MAX)
    sizes = [len(span) for span in spans]
    assert all(size % TILE_UNIT == 0 and 0 < size <= TILE_MAX for size in sizes)
    assert max(sizes) - min(sizes) <= TILE_UNIT, "a thin strip"


CUTS = st.builds(lambda stride, unit, tiles: Cut(stride, (unit,), unit * tiles), *3 * [st.integers(1, 16)])


@given(st.integers(1, 3000), st.integers(1, 3000), CUTS)
def test_a_grid_covers_the_picture_with_whole_tiles_and_no_more(width, height, cut):
    made = grid(width, height, cut, 0)
    side = cut.stride * cut.units[0]
    assert 0 <= made.width * cut.stride - width < side
    assert 0 <= made.height * cut.stride - height < side
    assert made.pixels == made.width * made.height * cut.stride**2
    assert made.tiles == sorted(made.tiles)
    assert sum(len(rows) * len(columns) for rows, columns in made.tiles) == made.height * made.width
    assert all(len(span) <= cut.tile and len(span) % cut.units[0] == 0 for span in (*made.rows, *made.columns))


@given(st.integers(1, 300), st.integers(1, 300), st.integers(16, 128), st.integers(0, 9))
def test_windows_cover_once_and_see_their_halo(height, width, size, halo):
    covered = 0
    for window in windows(height, width, size, halo):
        covered += len(window.rows) * len(window.columns)
        for inner, outer, length in (
            (window.rows, window.outer_rows, height),
            (window.columns, window.outer_columns, width),
        ):
            assert len(inner) <= size
            assert outer.start == max(0, inner.start - halo)
            assert outer.stop == min(length, inner.stop + halo)
    assert covered == height * width


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_the_padding_is_the_least_and_the_older_rule_where_both_are(width, height):
    cut = Cut(16, (16, 4), 64)
    old, new = (grid(width, height, cut, rule) for rule in (0, 1))
    assert least_padding(width, height, cut) == (1 if new.pixels < old.pixels else 0)
    assert new.pixels <= old.pixels
