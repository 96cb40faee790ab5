"""Files without loss: every sample comes back, and what is wrong with a file is said."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from hpcm_core import codec, plain_decoder
from hpcm_core.advice import of_jpeg
from hpcm_core.errors import (
    ArithmeticMismatch,
    Cancelled,
    CorruptFile,
    HpcmError,
    InvalidRecipe,
    LimitExceeded,
    ModelError,
    UnsupportedVersion,
)
from hpcm_core.evaluation import rd
from hpcm_core.format import container
from hpcm_core.format.gain import QualityMap
from hpcm_core.format.tile import Tile, pack_tile, parse_tile
from hpcm_core.limits import Limits
from hpcm_core.models import registry
from hpcm_core.models.catalogue import list_models
from hpcm_core.models.checkpoint import import_checkpoint
from hpcm_core.models.jpegxl import family
from hpcm_core.picture import colour
from hpcm_core.picture.jxl_writing import lossless_stream
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Resolution
from hpcm_core.recipe import Recipe
from tests.golden.write_integer import digest
from tests.golden.write_lossless import FOLDER, LIST
from tests.hpcm_core.models.jpegxl.streams import frame, head

QUICK = Recipe("lossless", effort=1)


def kept(picture, recipe=QUICK):
    """The encoded picture, which has come back with every sample."""
    encoded = codec.encode(picture, recipe)
    decoded = codec.decode(encoded.data).picture
    for back in (encoded.reconstruction, decoded):
        assert back.pixels.dtype == picture.pixels.dtype
        assert np.array_equal(back.pixels, picture.pixels)
        assert (back.alpha is None) == (picture.alpha is None)
        assert picture.alpha is None or np.array_equal(back.alpha, picture.alpha)
    assert encoded.metrics.psnr == float("inf")
    return encoded


def noise(shape, bits, seed=0):
    return np.random.default_rng(seed).integers(0, 1 << bits, shape, dtype=f"u{bits // 8}")


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_every_sample_comes_back(bits, channels, with_alpha):
    """Noise, one colour, one pixel, a line of pixels either way."""
    for size in ((33, 47), (1, 1), (1, 5000), (5000, 1)):
        for pixels in (noise((*size, channels), bits), np.full((*size, channels), 1 << (bits - 1), f"u{bits // 8}")):
            # Under 0 there are colours too, and they are kept.
            alpha = noise(size, bits, 1) & noise(size, bits, 2) if with_alpha else None
            kept(Picture(pixels, alpha))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_every_sample_of_any_picture(data):
    dtype = data.draw(st.sampled_from([np.uint8, np.uint16]))
    height, width = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    channels = data.draw(st.sampled_from([1, 3]))
    pixels = data.draw(arrays(dtype, (height, width, channels)))
    alpha = data.draw(st.none() | arrays(dtype, (height, width)))
    kept(Picture(pixels, alpha), Recipe("lossless", effort=data.draw(st.integers(1, 9))))


def test_the_file_says_what_it_is():
    encoded = kept(Picture(noise((20, 30, 3), 8)), Recipe("lossless"))
    header = container.read(encoded.data).header
    assert (header.model_name, header.profile, header.quality) == ("lossless", 4, 255)
    # As docs/format.md says, by the rule for weights without any.
    said = {"coder": "jpeg-xl", "tile": 1024}
    assert header.model_hash == hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()[:8]
    assert header.model_hash.hex() == "ce8f9d74870daeef"
    assert registry.lossless_coder(header.model_name, header.profile) == "JPEG XL"
    assert registry.lossless_coder("lite") is None
    assert encoded.bits is None
    tile = parse_tile(container.read(encoded.data).tiles[0], 1)
    assert encoded.stream_bytes == len(tile.streams[0])
    assert tile.symbols_crc == zlib.crc32(noise((20, 30, 3), 8).tobytes())


def test_a_stream_is_a_file_of_its_own():
    """Which any program for JPEG XL opens."""
    for bits in (8, 16):
        picture = Picture(noise((20, 30, 3), bits))
        tile = parse_tile(container.read(kept(picture).data).tiles[0], 1)
        assert np.array_equal(Picture.from_bytes(bytes(tile.streams[0])).pixels, picture.pixels)


def test_tiles():
    """At most 1024 pixels a side; between them a job can be stopped."""
    picture = Picture(noise((2, 2050, 1), 8))
    encoded = kept(picture)
    assert (encoded.header.tile_rows, encoded.header.tile_cols) == (1, 3)
    for work in (
        lambda **told: codec.encode(picture, QUICK, **told),
        lambda **told: codec.decode(encoded.data, **told),
    ):
        seen = []

        def report(stage, fraction, seen=seen):
            seen.append(str(stage))

        with pytest.raises(Cancelled):
            work(progress=report, cancel=lambda seen=seen: sum(one in ("Coding", "Decoding") for one in seen) == 2)


def test_what_is_beside_the_pixels_is_kept():
    extras = {
        "icc": colour.from_gamma(1 / 1.8, None),
        "exif": b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0",
        "texts": (("Title", "Noise"),),
        "resolution": Resolution(300.0, 300.0, True),
    }
    picture = Picture(noise((20, 30, 3), 8), **extras)
    back = codec.decode(codec.encode(picture, replace(QUICK, embed_preview=True)).data).picture
    for name, value in extras.items():
        assert getattr(back, name) == value, name
    bare = codec.decode(codec.encode(picture, replace(QUICK, keep_metadata=False)).data).picture
    assert (bare.exif, bare.icc) == (None, extras["icc"])


def test_golden_files():
    """Made once; what decodes them may change, what they decode to may not."""
    said = json.loads(LIST.read_text("utf-8"))
    assert said.keys() == {path.stem for path in FOLDER.glob("*.hpcm")}
    for name, digests in said.items():
        decoded = codec.decode((FOLDER / f"{name}.hpcm").read_bytes())
        assert digest(decoded.picture.pixels) == digests["pixels"]
        assert ("alpha" in digests) == (decoded.picture.alpha is not None)
        if decoded.picture.alpha is not None:
            assert digest(decoded.picture.alpha) == digests["alpha"]


# Recipes and what encoding says.


def test_effort():
    picture = Picture(np.tile(noise((8, 8, 3), 8), (12, 12, 1)) // 3)
    assert len(kept(picture, Recipe("lossless", effort=7)).data) < len(kept(picture, QUICK).data)
    assert kept(picture, Recipe("lossless")).data == kept(picture, Recipe("lossless", effort=7)).data
    recipe = Recipe("lossless", effort=3)
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert "effort" not in Recipe().to_json(), "older programs read it"
    for wrong in (0, 10, 2.0, True, "3"):
        with pytest.raises(InvalidRecipe, match="whole number from 1 to 9"):
            Recipe("lossless", effort=wrong)
    with pytest.raises(InvalidRecipe, match="no effort"):
        Recipe("base", lmbda=0.013, effort=3)


@pytest.mark.parametrize("rate", [{"quality": 3}, {"lmbda": 0.1}, {"target_bytes": 9}, {"target_psnr": 40.0}])
def test_there_is_no_rate(rate):
    with pytest.raises(InvalidRecipe, match="keeps every pixel as it is and takes no quality, lambda or target"):
        Recipe("lossless", **rate)


def test_no_part_is_kept_better():
    painted = QualityMap(1, 1, b"\x05")
    with pytest.raises(InvalidRecipe, match="no part of a picture can be kept better"):
        codec.encode(Picture(noise((20, 30, 3), 8)), replace(QUICK, quality_map=painted))


def test_of_a_jpeg_its_pixels_are_kept(tmp_path):
    Image.fromarray(noise((20, 30, 3), 8)).save(tmp_path / "a.jpg")
    Image.fromarray(noise((20, 30, 3), 8)).save(tmp_path / "a.png")
    jpeg, png = Picture.open(tmp_path / "a.jpg"), Picture.open(tmp_path / "a.png")
    said = [(jpeg, QUICK), (png, QUICK), (jpeg, Recipe(quality=0))]
    kept_of, *others = (of_jpeg(one, codec.encode(one, recipe, reconstruct=False).header) for one, recipe in said)
    assert "its pixels are kept" in kept_of
    assert others == [None, None]


def test_it_is_among_the_models():
    info = next(info for info in list_models() if info.name == "lossless")
    assert (info.state, info.path, info.rates) == ("bundled", None, "none")


def test_it_has_no_weights(tmp_path):
    with pytest.raises(ModelError, match="has no weights"):
        import_checkpoint(tmp_path / "a.safetensors", "lossless", "mse", None)


def test_it_is_no_curve():
    assert "lossless" not in [series.name for series in rd.of_models()]
    with pytest.raises(ModelError, match="has no curve"):
        rd.of_models(["lossless"])


def test_a_coder_that_keeps_not_every_pixel_makes_no_file(monkeypatch):
    def wrong(samples, effort):
        return lossless_stream(samples ^ 1, effort)

    monkeypatch.setattr("hpcm_core.picture.jxl_writing.lossless_stream", wrong)
    with pytest.raises(ModelError, match="did not keep every pixel"):
        codec.encode(Picture(noise((20, 30, 3), 8)), QUICK)
    monkeypatch.setattr("hpcm_core.picture.jxl_writing.lossless_stream", lambda samples, effort: b"\xff\x0a")
    with pytest.raises(ModelError, match="did not keep every pixel"):
        codec.encode(Picture(noise((20, 30, 3), 8)), QUICK)


# Files that are not what they should be.


@pytest.fixture(scope="module")
def file():
    """A file whose parts tests change; its picture is 60 x 40."""
    pixels = (noise((40, 60, 3), 8) // 16 + 100).astype(np.uint8)
    return container.read(codec.encode(Picture(pixels), Recipe("lossless"), reconstruct=False).data)


def with_stream(file, stream, crc=None):
    crc = parse_tile(file.tiles[0], 1).symbols_crc if crc is None else crc
    return container.write(replace(file, tiles=(pack_tile(Tile((stream,), crc)),)))


def test_damage_ends_in_one_error(file):
    """Under checksums of chunks that are right, so that the stream's own damage is met."""
    payload = bytes(file.tiles[0])
    pixels = codec.decode(container.write(file)).picture.pixels
    found = set()
    for place in range(0, len(payload), 7):
        copy = bytearray(payload)
        copy[place] ^= 1 << place % 8
        try:
            assert np.array_equal(
                codec.decode(container.write(replace(file, tiles=(bytes(copy),)))).picture.pixels, pixels
            )
        except HpcmError as error:
            found.add(type(error))
    assert found == {CorruptFile, ArithmeticMismatch}


def test_a_file_that_is_cut_short(file):
    stream = bytes(parse_tile(file.tiles[0], 1).streams[0])
    for length in (0, 1, 12, len(stream) // 2, len(stream) - 1):
        with pytest.raises(CorruptFile, match="not of this picture"):
            codec.decode(with_stream(file, stream[:length]))
    with pytest.raises(CorruptFile, match="too short"):
        codec.decode(container.write(replace(file, tiles=(b"\0\0",))))


def test_other_samples_than_were_coded(file):
    stream = lossless_stream(noise((40, 60, 3), 8), 1)
    with pytest.raises(ArithmeticMismatch, match="pixels"):
        codec.decode(with_stream(file, stream))


@pytest.mark.parametrize(
    "stream",
    [
        lossless_stream(noise((40, 61, 3), 8), 1),
        lossless_stream(noise((60, 40, 3), 8), 1),
        lossless_stream(noise((40, 60, 1), 8), 1),
        lossless_stream(noise((40, 60, 3), 16), 1),
        head(1 << 30, 1) + frame(),
        head(1 << 30, 1 << 30) + frame(),
        head(60, 40) + frame(size=(1 << 30, 1 << 30)),
    ],
)
def test_a_stream_of_another_picture_is_not_decoded(file, stream, monkeypatch):
    monkeypatch.setattr("hpcm_core.picture.jxl._decoded", lambda *_: pytest.fail("decoded"))
    with pytest.raises(CorruptFile, match="not of this picture"):
        codec.decode(with_stream(file, stream))


def test_a_header_of_another_picture(file):
    for wrong in ({"width": 61}, {"height": 39}, {"channels": 1}, {"bit_depth": 16}):
        with pytest.raises(CorruptFile, match="not of this picture"):
            codec.decode(container.write(replace(file, header=replace(file.header, **wrong))))
    for wrong in ({"quality": 40}, {"padding": 1}, {"tile_rows": 2}):
        tiles = file.tiles * wrong.get("tile_rows", 1)
        with pytest.raises(CorruptFile):
            codec.decode(container.write(replace(file, tiles=tiles, header=replace(file.header, **wrong))))
    with pytest.raises(CorruptFile, match="one quality"):
        codec.decode(container.write(replace(file, gain=zlib.compress(b"\1", wbits=-15))))


def test_memory_is_asked_for_first(file):
    with pytest.raises(LimitExceeded, match="GiB of memory"):
        codec.decode(container.write(file), limits=Limits(memory=1 << 20))
    with pytest.raises(LimitExceeded, match="GiB of memory"):
        codec.encode(Picture(noise((40, 60, 3), 8)), QUICK, limits=Limits(memory=1 << 20))


def test_a_newer_coder_is_said_to_be_one(file):
    for wrong in (
        {"model_hash": bytes(8)},
        {"profile": 3, "model_hash": bytes(8)},
        {"model_name": "lossless-x", "profile": 9},
    ):
        with pytest.raises(UnsupportedVersion):
            codec.decode(container.write(replace(file, header=replace(file.header, **wrong))))


def test_programs_of_before_say_that_they_are_too_old(file, monkeypatch):
    """One that does not know the family ends in a sentence, and so does the decoder for archives."""
    data = container.write(file)
    with pytest.raises(plain_decoder.Refused, match="The file is of lossless in arithmetic profile 4"):
        plain_decoder.decode(data, None, None)
    monkeypatch.setattr(registry, "_FAMILIES", [one for one in registry.families() if one is not family.JPEG_XL_FAMILY])
    with pytest.raises(UnsupportedVersion, match="arithmetic profile 4"):
        codec.decode(data)


def test_no_steps(file):
    with pytest.raises(HpcmError, match="no coding steps"):
        codec.decode(container.write(file), steps=0)
