from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.transform.tiling import TILE_MAX, TILE_UNIT, split, tiles, windows

LENGTHS = st.integers(1, 4096 // TILE_UNIT).map(lambda units: units * TILE_UNIT)


@given(LENGTHS)
def test_spans_cover_and_fit(length):
    spans = split(length)
    assert [span.start for span in spans] == [0] + [span.stop for span in spans[:-1]]
    assert spans[-1].stop == length
    assert len(spans) == -(-length // TILE_MAX)
    sizes = [len(span) for span in spans]
    assert all(size % TILE_UNIT == 0 and 0 < size <= TILE_MAX for size in sizes)
    assert max(sizes) - min(sizes) <= TILE_UNIT, "a thin strip"


@given(LENGTHS, LENGTHS)
def test_tiles_go_row_by_row(height, width):
    grid = tiles(height, width)
    assert grid == sorted(grid)
    assert sum(len(rows) * len(columns) for rows, columns in grid) == height * width


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
