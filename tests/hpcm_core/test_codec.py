"""The road there and back, with the bundled model."""

from __future__ import annotations

import hashlib
import io
import random
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

import hpcm_core
from hpcm_core import codec
from hpcm_core.errors import (
    ArithmeticMismatch,
    Cancelled,
    CorruptFile,
    HpcmError,
    LimitExceeded,
    MissingModel,
    UnsupportedVersion,
)
from hpcm_core.format import container
from hpcm_core.format.tile import pack_tile, parse_tile
from hpcm_core.limits import Limits
from hpcm_core.models.hpcm.config import LITE
from hpcm_core.models.rates import quality_to_lambda, quality_to_q
from hpcm_core.picture import colour
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.resources import resource
from hpcm_core.transform.tiling import grid
from hpcm_core.transform.windows import analyse, synthesize
from tests.hpcm_core.models.float_lite import float_lite, float_twin
from tests.hpcm_core.models.hpcm.drive import forward


def photo(width=256, height=256, left=128, top=0):
    with Image.open(resource("samples/astronaut.png")) as image:
        return np.array(image.convert("RGB"))[top : top + height, left : left + width]


@pytest.fixture(scope="module")
def picture():
    return Picture(photo(192, 160))


@pytest.fixture(scope="module")
def encoded(picture):
    return codec.encode(picture, Recipe())


def test_what_is_shown_is_what_the_file_holds(picture, encoded):
    decoded = codec.decode(encoded.data)
    assert np.array_equal(decoded.picture.pixels, encoded.reconstruction.pixels)
    assert np.array_equal(decoded.bits.steps, encoded.bits.steps)
    assert encoded.metrics.size_bytes == len(encoded.data)
    assert encoded.metrics.psnr > 27


@pytest.mark.parametrize("deep", [False, True])
def test_how_samples_lie_in_memory_has_no_part(deep):
    """Planes, as torch has them, or rows from below."""
    pixels = photo(64, 64).astype(np.uint16) * 257 if deep else photo(64, 64)
    planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)).transpose(1, 2, 0)
    made = [codec.encode(Picture(array), Recipe(), reconstruct=False).data for array in (pixels, planes)]
    upside_down = codec.encode(Picture(np.ascontiguousarray(pixels[::-1])[::-1]), Recipe(), reconstruct=False).data
    assert made[0] == made[1] == upside_down


def test_bits_sum_to_the_streams(encoded):
    streams = sum(parse_tile(tile, LITE.streams).stream_bytes for tile in container.read(encoded.data).tiles)
    assert encoded.stream_bytes == streams
    assert encoded.bits.labels == LITE.labels
    assert encoded.bits.steps.shape == (9, 10, 12)
    assert encoded.bits.steps.sum(dtype=np.float64) == pytest.approx(8 * streams, rel=1e-5)
    assert (encoded.bits.per_step > 0).all()


@pytest.mark.parametrize("quality", [0, 60, 100])
def test_file_costs_what_the_network_predicts(quality):
    """PSNR within 0.05 dB of the network's own forward pass, of which integers take 0.01 in mean; streams within 1 % of
    its continuous likelihood.
    """
    pixels = photo(512, 512, 0)
    result = codec.encode(Picture(pixels), Recipe(quality=quality))
    x = torch.from_numpy(pixels / 255.0).float().permute(2, 0, 1).unsqueeze(0)
    run = forward(float_twin().network, x, quality_to_q(quality, LITE.rate_lambdas))
    mse = ((run.x_hat[0].clamp(0, 1) * 255).round() - torch.from_numpy(pixels).permute(2, 0, 1)).square().mean().item()
    assert result.metrics.psnr == pytest.approx(10 * np.log10(255**2 / mse), abs=0.05)
    fixed = 8 * (len(result.data) - result.stream_bytes)
    assert 8 * len(result.data) - fixed == pytest.approx(run.bits_y + run.bits_z, rel=0.01)
    assert fixed <= 8 * (120 + 40)


@pytest.mark.parametrize(
    "shape",
    [(1, 1, 3), (300, 3, 3), (3, 300, 3), (257, 255, 3), (40, 30, 1)],
    ids=lambda shape: "x".join(map(str, shape)),
)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("alpha", [False, True])
def test_shapes(shape, dtype, alpha):
    rng = np.random.default_rng(0)
    ramp = np.linspace(0, np.iinfo(dtype).max, shape[0] * shape[1] * shape[2]).reshape(shape).astype(dtype)
    plane = rng.integers(0, np.iinfo(dtype).max, shape[:2], dtype=dtype, endpoint=True) if alpha else None
    result = codec.encode(Picture(ramp, plane), Recipe(quality=80))
    back = codec.decode(result.data).picture
    assert back.pixels.shape == shape
    assert back.pixels.dtype == dtype
    assert (back.alpha is None) == (plane is None)
    if plane is not None:
        assert np.array_equal(back.alpha, plane), "alpha is lossless"
    assert np.array_equal(back.pixels, result.reconstruction.pixels)
    assert result.metrics.psnr > 20


def test_metadata_travels():
    extras = {"icc": b"a profile" * 20, "exif": b"II*\0\x08\0\0\0\0\0\0\0\0\0", "xmp": b"<x:xmpmeta/>"}
    picture = Picture(photo(64, 64), **extras)
    kept = codec.decode(codec.encode(picture, Recipe(), reconstruct=False).data).picture
    assert {name: getattr(kept, name) for name in extras} == extras
    bare = codec.decode(codec.encode(picture, Recipe(keep_metadata=False), reconstruct=False).data).picture
    assert (bare.icc, bare.exif, bare.xmp) == (extras["icc"], None, None)


def test_nothing_is_turned_that_somebody_says_is():
    """By hand, or in a file of another program: EXIF and XMP that say it lies on its side."""
    turned = {
        "exif": b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
        "xmp": b'<x:xmpmeta><rdf:RDF><rdf:Description tiff:Orientation="8"/></rdf:RDF></x:xmpmeta>',
    }
    right = {"exif": turned["exif"].replace(b"\0\x06", b"\0\x01"), "xmp": turned["xmp"].replace(b"8", b"1")}
    encoded = codec.encode(Picture(photo(64, 48), **turned), Recipe())
    file = container.read(encoded.data)
    assert {name: getattr(file, name) for name in right} == right
    assert {name: getattr(encoded.reconstruction, name) for name in right} == right
    made = codec.decode(container.write(replace(file, **turned))).picture
    assert {name: getattr(made, name) for name in right} == right
    for suffix in (".jpg", ".png", ".webp"):
        again = Picture.from_bytes(made.encode(suffix))
        assert (again.width, again.height) == (64, 48)


def test_a_common_colour_space_costs_no_bytes():
    """Its profile is in the header by number, and is there again on decoding; others are kept as they are."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pixels = photo(64, 64)
    sizes, found = [], []
    for icc in (None, srgb, colour.from_codes(12, 16), colour.from_gamma(1 / 1.8, None)):
        encoded = codec.encode(Picture(pixels, icc=icc), Recipe())
        decoded = codec.decode(encoded.data)
        assert decoded.picture.icc == encoded.reconstruction.icc
        sizes.append(len(encoded.data))
        found.append(decoded)
    assert sizes[0] == sizes[1] == sizes[2] < sizes[3]
    assert [one.header.colour_space for one in found] == [0, 1, 8, 0]
    assert found[0].picture.icc is None
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(found[1].picture.icc))).strip() == "sRGB"
    assert colour.is_hdr(found[2].picture.icc)
    assert found[3].picture.icc == colour.from_gamma(1 / 1.8, None)


def test_preview_only_when_asked(picture):
    assert container.read(codec.encode(picture, Recipe(), reconstruct=False).data).preview is None
    data = codec.encode(picture, Recipe(embed_preview=True), reconstruct=False).data
    assert bytes(container.read(data).preview[:2]) == b"\xff\xd8"


def test_windows_give_what_the_whole_gives(monkeypatch):
    """g_a and g_s in windows equal g_a and g_s at once; without a halo they do not."""
    network = float_lite().network
    picture = Picture(photo(512, 300, 0))
    header = codec.header_of(picture, "lite", bytes(8), float_lite().config, 60)
    cut = grid(picture.width, picture.height, LITE, header.padding)
    ignore = lambda fraction: None  # noqa: E731

    def both(window, halo):
        config = replace(network.config, window=window)
        monkeypatch.setattr(type(config), "halo", property(lambda self: halo))
        monkeypatch.setattr(network, "config", config)
        with torch.inference_mode():
            y = analyse(network, picture, cut, 3.0, ignore)
            return y, synthesize(network, whole_y if halo != 3 else y, header, cut, 3.0, ignore).astype(int)

    whole_y, whole_x = both(window=128, halo=3)
    windowed_y, windowed_x = both(window=9, halo=3)
    assert torch.allclose(windowed_y, whole_y, atol=2e-4)
    assert np.abs(windowed_x - whole_x).max() <= 1
    short_y, short_x = both(window=9, halo=0)
    assert (short_y - whole_y).abs().max() > 0.1
    assert np.abs(short_x - whole_x).max() > 3


def test_several_tiles_without_a_seam():
    """A picture of 2 x 1 tiles: near the tile border the error is what it is elsewhere, and tiling costs few bits."""
    height = 16 * LITE.tile + 200
    pixels = np.tile(photo(512, 512, 0), (3, 1, 1))[:height]
    result = codec.encode(Picture(pixels), Recipe())
    assert (result.header.tile_rows, result.header.tile_cols) == (2, 1)
    error = np.square(result.reconstruction.pixels.astype(float) - pixels).mean(axis=(1, 2))
    border = 16 * grid(result.header.width, result.header.height, LITE, result.header.padding).rows[0].stop
    near = error[border - 8 : border + 8].mean()
    # The pattern repeats every 512 rows, so the same rows elsewhere are the fair comparison.
    elsewhere = error[border - 512 - 8 : border - 512 + 8].mean()
    assert near < 1.25 * elsewhere
    assert np.array_equal(codec.decode(result.data).picture.pixels, result.reconstruction.pixels)


def damaged_copies(data, count, seed=0):
    """Flipped bits, truncated, extended, random: what happens to files."""
    rng = random.Random(seed)
    for i in range(count):
        copy = bytearray(data)
        kind = i % 4
        if kind == 0:
            for _ in range(rng.choice((1, 1, 1, 8))):
                copy[rng.randrange(len(copy))] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del copy[rng.randrange(len(copy)) :]
        elif kind == 2:
            copy += rng.randbytes(rng.choice((1, 4, 1000)))
        else:
            copy = bytearray(rng.randbytes(len(copy)))
            copy[: rng.choice((0, 10))] = data[:10]
        yield bytes(copy)


def test_damaged_files_are_one_error_each(encoded):
    for copy in damaged_copies(encoded.data, 200):
        with pytest.raises(HpcmError):
            codec.decode(copy)


def forged(encoded, **changes):
    file = container.read(encoded.data)
    return container.write(replace(file, header=replace(file.header, **changes)))


def test_streams_of_another_picture_are_caught(picture, encoded):
    """Damage that no checksum of the container sees: whole, valid chunks with other streams in them."""
    file = container.read(encoded.data)
    other = container.read(codec.encode(Picture(picture.pixels[::-1].copy()), Recipe(), reconstruct=False).data)
    tile, others = (parse_tile(content.tiles[0], LITE.streams) for content in (file, other))
    swapped = replace(tile, streams=(tile.streams[0], others.streams[1], *tile.streams[2:]))
    wrong_crc = replace(tile, symbols_crc=tile.symbols_crc ^ 1)
    for damaged in (swapped, wrong_crc):
        with pytest.raises(ArithmeticMismatch):
            codec.decode(container.write(replace(file, tiles=(pack_tile(damaged),))))


def test_other_weights_are_named(encoded):
    with pytest.raises(MissingModel, match="needs the weights 3132333435363738 of the model lite"):
        codec.decode(forged(encoded, model_hash=b"12345678"))
    with pytest.raises(MissingModel, match=r"hpcm models get base --metric mse --lambda 0\.013"):
        codec.decode(forged(encoded, model_name="base-mse-0.013", profile=1, quality=255))


def test_contradictions_are_refused(encoded):
    with pytest.raises(UnsupportedVersion):
        codec.decode(forged(encoded, profile=77))
    with pytest.raises(UnsupportedVersion, match="by lite in arithmetic profile 3; of this model"):
        codec.decode(forged(encoded, profile=3))
    with pytest.raises(UnsupportedVersion, match="profile 77; this version reads files of profile 1, 2, 3, 4 only"):
        codec.decode(forged(encoded, model_name="nobodys", profile=77))
    for profile in (1, 2, 3, 4):
        with pytest.raises(MissingModel, match="There is no model called 'nobodys'"):
            codec.decode(forged(encoded, model_name="nobodys", profile=profile))
    with pytest.raises(CorruptFile, match="quality"):
        codec.decode(forged(encoded, quality=255))
    with pytest.raises(LimitExceeded):
        codec.decode(encoded.data, limits=Limits(memory=1 << 20))
    with pytest.raises(LimitExceeded):
        codec.decode(encoded.data, limits=Limits(pixels=100))


def test_progress_rises_to_one(picture):
    seen = []
    codec.encode(picture, Recipe(), progress=lambda stage, fraction: seen.append((stage, fraction)))
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert all(stage for stage, _ in seen)


@pytest.mark.parametrize("after", [0, 3, 9])
def test_cancel_stops_between_steps(picture, encoded, after):
    asked = 0

    def cancel():
        nonlocal asked
        asked += 1
        return asked > after

    with pytest.raises(Cancelled):
        codec.encode(picture, Recipe(), cancel=cancel)
    assert asked == after + 1, "nothing goes on after the cancellation"
    asked, after = 0, min(after, 3)  # a small picture is soon decoded, and few ask meanwhile
    with pytest.raises(Cancelled):
        codec.decode(encoded.data, cancel=cancel)


def test_lambda_and_quality_name_the_same_rate(picture):
    by_quality = codec.encode(picture, Recipe(quality=60), reconstruct=False)
    assert (
        codec.encode(picture, Recipe(lmbda=quality_to_lambda(60, LITE.rate_lambdas)), reconstruct=False).data
        == by_quality.data
    )
    sizes = [len(codec.encode(picture, Recipe(quality=q), reconstruct=False).data) for q in (0, 25, 50, 75, 100)]
    assert sizes == sorted(sizes)


def test_another_process_decodes_alike(encoded, tmp_path):
    file = tmp_path / "a.hpcm"
    file.write_bytes(encoded.data)
    code = (
        "import sys, hashlib, hpcm_core; p = hpcm_core.decode(open(sys.argv[1], 'rb').read()).picture.pixels;"
        "print(hashlib.sha256(p.tobytes()).hexdigest())"
    )
    out = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=True).stdout.strip()
    assert out == hashlib.sha256(encoded.reconstruction.pixels.tobytes()).hexdigest()


def test_light_parts_import_no_torch():
    code = (
        "import sys, hpcm_core, hpcm_core.picture.picture, hpcm_core.recipe, hpcm_core.results\n"
        "import hpcm_core.models.catalogue as models, hpcm_core.cli.main, hpcm_core.format.container\n"
        "models.list_models(); print('torch' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
    assert out.stderr == ""


def test_public_names():
    assert {name for name in hpcm_core.__all__ if getattr(hpcm_core, name) is not None} == set(hpcm_core.__all__)
    with pytest.raises(AttributeError):
        hpcm_core.nothing  # noqa: B018


@pytest.mark.parametrize(("height", "width"), [(1, 1), (100, 100), (1, 2000), (300, 65), (257, 256)])
def test_small_pictures_are_padded_to_what_the_model_needs(height, width):
    """64 pixels for Lite; tiles whose grid at scale 1 is odd come back as they went."""
    pixels = photo(max(height, 300), max(width, 300), 0)[:height, :width] if max(height, width) <= 512 else None
    if pixels is None:
        pixels = np.resize(photo(1, 512, 0), (height, width, 3))
    result = codec.encode(Picture(np.ascontiguousarray(pixels)), Recipe(quality=40))
    assert result.header.padding == 1
    cut = grid(width, height, LITE, 1)
    assert (cut.height, cut.width) == (4 * -(-height // 64), 4 * -(-width // 64))
    assert np.array_equal(codec.decode(result.data).picture.pixels, result.reconstruction.pixels)
    assert result.bits.per_step.sum() / 8 == pytest.approx(result.stream_bytes, rel=1e-5)


def test_what_a_newer_padding_rule_does_not_shorten_keeps_the_first(picture):
    assert codec.encode(Picture(photo(256, 512, 0)), Recipe(quality=0), reconstruct=False).header.padding == 0


def test_a_padding_rule_that_the_model_does_not_have(encoded, monkeypatch):
    data = forged(encoded, padding=1) if encoded.header.padding == 0 else encoded.data
    monkeypatch.setattr(type(LITE), "units", (16,))
    with pytest.raises(CorruptFile, match="padding rule does not fit its model"):
        codec.decode(data)
