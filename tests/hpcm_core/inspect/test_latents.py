"""Latents under a place: what the microscope shows is what was coded and paid for."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from hpcm_core import codec
from hpcm_core.entropy.streams import coder_tables, decode_tile
from hpcm_core.entropy.tables import scale_table, standard_tables
from hpcm_core.errors import ArithmeticMismatch, HpcmError
from hpcm_core.format import container
from hpcm_core.format.header import EXACT_PROFILE
from hpcm_core.format.tile import pack_tile, parse_tile
from hpcm_core.inspect import latents, maps
from hpcm_core.inspect.driver import Source, open_source
from hpcm_core.inspect.spot import expected_bits, spot_of
from hpcm_core.models import registry
from hpcm_core.picture.picture import Picture
from hpcm_core.progress import Job
from hpcm_core.recipe import Recipe
from hpcm_core.transform.tiling import grid
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.models.float_lite import float_lite
from tests.hpcm_core.test_codec import photo
from tests.toy.family import install_toy
from tests.toy.plain import install_plain

CLOSING = 64
"""Bytes of a stream beside its symbols at most: eight states of eight bytes."""
WIDE = np.concatenate([photo(300, 150, left) for left in (0, 84, 40, 20)], axis=1)[:, :1100]
"""A picture of two tiles."""


@pytest.fixture(scope="module")
def data():
    return codec.encode(Picture(WIDE), Recipe(quality=30), reconstruct=False).data


@pytest.fixture(scope="module")
def source(data):
    return open_source(data, Job())


@pytest.fixture(scope="module")
def tiles(source):
    return [latents.tile_latents(source, number, lambda: None) for number in range(len(source.payloads))]


def paid(source):
    return sum(parse_tile(payload, source.entropy.streams).stream_bytes for payload in source.payloads)


def test_costs_of_all_positions_are_the_payload(source, tiles):
    assert len(tiles) == 2, "a picture of several tiles"
    closing = paid(source) - sum(tile.bits for tile in tiles) / 8
    assert 0 <= closing <= 2 * 4 * CLOSING
    assert [tile.stream_bytes for tile in tiles] == [parse_tile(payload, 4).stream_bytes for payload in source.payloads]
    spots = [
        spot_of(tile, row, column) for tile in tiles for row in range(*tile.rows) for column in range(*tile.columns)
    ]
    assert len(spots) == source.cut.height * source.cut.width
    assert sum(spot.bits for spot in spots) / 8 == pytest.approx(paid(source) - closing, rel=1e-5)


@pytest.mark.parametrize("kind", ["toy", "plain"])
def test_costs_of_other_families(kind, monkeypatch, tmp_path):
    if kind == "toy":
        install_toy(monkeypatch, tmp_path)
    else:
        monkeypatch.setenv("HPCM_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setattr(registry, "_FAMILIES", [*registry._FAMILIES])
        install_plain(tmp_path / "data")
    recipe = Recipe(kind, lmbda=0.01) if kind == "toy" else Recipe(kind)
    source = open_source(codec.encode(Picture(photo(300, 200)), recipe, reconstruct=False).data, Job())
    tiles = [latents.tile_latents(source, number, lambda: None) for number in range(len(source.payloads))]
    closing = paid(source) - sum(tile.bits for tile in tiles) / 8
    assert 0 <= closing <= len(tiles) * source.entropy.streams * CLOSING
    assert all(tile.z is None for tile in tiles)
    spot = spot_of(tiles[0], 3, 4)
    assert len(spot.latents) == 12 * (1 if kind == "toy" else 3)
    assert spot.z is None


def test_costs_in_profile_1():
    """Networks of torch, whose requests are tensors."""
    model = float_lite()
    picture = Picture(photo(192, 160))
    header = codec.header_of(picture, "lite", model.identity, model.config, 40)
    assert header.profile == EXACT_PROFILE
    coded = model.family.encode(model, picture, header, 3.0, Job(), "cpu")
    cut = grid(192, 160, model.config, header.padding)
    source = Source(header, model, cut, coded.tiles, model.family.entropy(model))
    tile = latents.tile_latents(source, 0, lambda: None)
    assert 0 <= coded.stream_bytes - tile.bits / 8 <= 4 * CLOSING
    assert (np.unique(tile.y.steps) == np.arange(1, 12)).all()
    assert np.array_equal(tile.y.values, tile.y.symbols + tile.y.means)
    assert np.array_equal(tile.z.values, tile.z.symbols + tile.z.means)


def test_everything_is_in_its_place(source, tiles):
    """Coding the latents that the microscope shows gives the same streams: none is misplaced."""
    for payload, tile in zip(source.payloads, tiles, strict=True):
        parsed = parse_tile(payload, 4)
        code = decode_tile(source.entropy, parsed, len(tile.rows), len(tile.columns), lambda: None)
        assert np.array_equal(tile.y.values, code.y_hat[0])
        assert np.array_equal(tile.y.values, tile.y.symbols + tile.y.means)
        assert (np.unique(tile.y.steps) == np.arange(1, 9)).all()
        assert np.array_equal(np.unique(tile.z.steps), [0])
        of_label = [(tile.y.bits * (tile.y.steps == place)).sum(axis=0) for place in range(1, 9)]
        shares = code.bits[1:].sum(axis=(1, 2)) / np.array([one.sum() for one in of_label])
        # The shares of closing bytes differ between streams, not within one.
        assert np.allclose(code.bits[1:], np.array(of_label) * shares[:, None, None], rtol=1e-3, atol=1e-3)


def test_a_position_is_a_column_of_the_planes(source, tiles):
    tile = tiles[1]
    row, column = tile.rows.start + 5, tile.columns.start + 7
    spot = spot_of(tile, row, column)
    one = spot.latents
    assert (spot.x, spot.y, spot.stride) == (16 * column, 16 * row, 16)
    assert sorted(one.channels) == list(range(256))
    assert (np.diff(one.bits) <= 0).all(), "dearest first"
    assert np.array_equal(one.symbols, tile.y.symbols[one.channels, 5, 7])
    assert np.array_equal(one.sigmas, scale_table()[one.tables])
    bits = coder_tables().bits(one.symbols.astype(np.int32), one.tables)
    assert np.array_equal(one.bits, bits)
    assert np.array_equal(spot.z.symbols, tile.z.symbols[spot.z.channels, 1, 1])
    assert spot.z_share == 16
    with pytest.raises(HpcmError, match="not in the picture"):
        spot_of(tiles[0], row, column)


def test_expected_bits_are_what_symbols_cost_on_average():
    """By the native coder's costs."""
    tables = standard_tables()
    for number in (0, 20, 45, 59):
        *shares, escape = np.diff(tables.cdf[number, : tables.lengths[number]]) / 65536
        symbols = np.arange(len(shares), dtype=np.int32) + tables.offsets[number]
        costs = coder_tables().bits(symbols, np.full(len(symbols), number, np.uint8))
        average = float(shares @ costs) - escape * np.log2(escape)
        assert expected_bits()[number] == pytest.approx(average, rel=1e-4)


def test_surprise_averages_out(tiles):
    """A model that is right about its own doubt pays what it expects to."""
    for tile in tiles:
        expected = expected_bits()[tile.y.tables].sum()
        assert tile.y.bits.sum() == pytest.approx(expected, rel=0.15)


def test_what_informed_a_step_was_coded_before_it_and_within_reach(source, tiles):
    tile = tiles[0]
    row, column = 6, 33
    spot = spot_of(tile, row, column)
    reaches = source.model.family.reaches(source.model.config)
    assert spot.known(1).shape == (1, 1), "the first step sees no latent"
    assert not spot.known(1).any()
    for place in range(2, 9):
        reach = reaches[str(place)]
        around, of_channel = spot.known(place), spot.known(place, 70)
        middle = len(around) // 2
        for r in range(len(tile.rows)):
            for c in range(len(tile.columns)):
                cells = max(abs(r // reach.size - row // reach.size), abs(c // reach.size - column // reach.size))
                inside = max(abs(r - row), abs(c - column)) <= middle
                seen = around[r - row + middle, c - column + middle] if inside else 0.0
                known = (tile.y.steps[:, r, c] < place).mean() if cells <= reach.cells else 0.0
                assert seen == pytest.approx(known, abs=1e-6), (place, r, c)
                if inside:
                    one = cells <= reach.cells and tile.y.steps[70, r, c] < place
                    assert of_channel[r - row + middle, c - column + middle] == one


def test_a_channel_over_the_picture(source, tiles):
    channel, bits = latents.channel_of(source, 7, Job())
    assert channel.planes.values.shape == (10, 69)
    assert np.array_equal(channel.planes.symbols[:, : len(tiles[0].columns)], tiles[0].y.symbols[7, :10])
    assert np.array_equal(channel.planes.bits[:, 60:], tiles[1].y.bits[7, :10, 60 - len(tiles[0].columns) :][:, :9])
    assert bits.sum() == pytest.approx(sum(float(tile.y.bits.sum()) for tile in tiles))
    with pytest.raises(HpcmError, match="channels 0 to 255"):
        latents.channel_of(source, 256, Job())


def test_bits_are_those_of_a_decoding(data, source):
    """But for the order in which the bits of a position are added up."""
    assert maps.bits(source, Job()).steps == pytest.approx(codec.decode(data).bits.steps, rel=1e-5)


def test_damage_is_found(data):
    file = container.read(data)
    tile = parse_tile(file.tiles[0], 4)
    streams = (*tile.streams[:3], bytes(reversed(tile.streams[3])))
    broken = replace(file, tiles=(pack_tile(replace(tile, streams=streams)), *file.tiles[1:]))
    source = open_source(container.write(broken), Job())
    with pytest.raises(ArithmeticMismatch):
        latents.tile_latents(source, 0, lambda: None)
    latents.tile_latents(source, 1, lambda: None)


def test_on_the_command_line(data, tmp_path, source, tiles):
    (tmp_path / "a.hpcm").write_bytes(data)
    result = run("inspect", "latents", tmp_path / "a.hpcm", "--at", "1090,100", "--csv", tmp_path / "a.csv", "--json")
    (row,) = json.loads(result.output)["files"]
    spot = spot_of(tiles[1], 6, 68)
    assert (row["row"], row["column"], row["x"], row["y"]) == (6, 68, 1088, 96)
    assert row["bits"] == pytest.approx(spot.bits, abs=1e-3)
    table = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert len(table) == 256 + 96
    assert [one["kind"] for one in table] == ["y"] * 256 + ["z"] * 96
    assert [int(one["channel"]) for one in table[:256]] == spot.latents.channels.tolist()
    assert float(table[0]["bits"]) == pytest.approx(float(spot.latents.bits[0]), abs=1e-5)
    assert "surprise" in run("inspect", "latents", tmp_path / "a.hpcm", "--at", "1090,100").output
    assert "not in the picture" in run("inspect", "latents", tmp_path / "a.hpcm", "--at", "1100,0", code=1).stderr
    assert "two numbers" in run("inspect", "latents", tmp_path / "a.hpcm", "--at", "7", code=2).stderr
    over = ("--at", "1090,100", "--csv", tmp_path / "a.hpcm")
    assert "not the name of a report" in run("inspect", "latents", tmp_path / "a.hpcm", *over, code=2).stderr
    assert (tmp_path / "a.hpcm").read_bytes() == data
    run("inspect", "channel", tmp_path / "a.hpcm", "--channel", 7, "-o", tmp_path / "c.npz")
    with np.load(tmp_path / "c.npz") as found:
        assert np.array_equal(found["values"], latents.channel_of(source, 7, Job())[0].planes.values)
