"""What is fuzzed in Python: for each name a function that takes any bytes and raises where something is not as it must.

Bytes of strangers end as a result or as one HpcmError of one sentence; nothing else may come out of here. `run.py`
has Atheris look for such bytes, test_corpus.py replays those that are kept in corpus/.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from hpcm_core import codec
from hpcm_core.cli.thumbnail import thumbnail
from hpcm_core.errors import HpcmError, InvalidRecipe, ModelError
from hpcm_core.format import container
from hpcm_core.format.alpha import decode_alpha
from hpcm_core.format.metadata import without_metadata
from hpcm_core.format.notes import pack_texts, parse_resolution, parse_texts
from hpcm_core.format.preview import small_image
from hpcm_core.format.tile import pack_tile, parse_tile
from hpcm_core.limits import Limits
from hpcm_core.picture import iptc, metadata, xmp
from hpcm_core.picture.jxl import decode_lossless
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.format.chunks import PLAIN

LIMITS = Limits(pixels=1 << 16, side=1 << 12, icc=1 << 16, metadata=1 << 20, memory=4 << 30)
CORPUS = Path(__file__).parent / "corpus"

Target = Callable[[bytes], None]


@contextmanager
def one_sentence(*kinds: type[HpcmError]) -> Iterator[None]:
    """Lets an error for a user pass, of these kinds if there are any, if it says something in one line."""
    try:
        yield
    except HpcmError as error:
        if kinds and not isinstance(error, kinds):
            raise
        if not str(error).strip() or not str(error).isprintable():
            raise AssertionError(f"not one sentence: {error!r}") from error


def read_container(data: bytes) -> None:
    """A whole file that is read is written again alike, and names its own header."""
    with one_sentence():
        file = container.read(data, LIMITS)
        assert container.read_header(data, LIMITS) == file.header
        assert container.read(container.write(file, LIMITS), LIMITS) == file
        without_metadata(data, limits=LIMITS)
        without_metadata(data, place_only=True, limits=LIMITS)
        parse_texts(file.texts)
        parse_resolution(file.resolution)


def read_tile(data: bytes) -> None:
    for streams in (1, 4, 12):
        with one_sentence():
            tile = parse_tile(data, streams)
            assert pack_tile(tile) == data


def decode(data: bytes) -> None:
    """The whole decoder: every model that is there, chosen by the file."""
    with one_sentence():
        header = container.read_header(data, LIMITS)
        if header.width * header.height > 1 << 14:
            return  # valid, and slow
        decoded = codec.decode(data, limits=LIMITS)
        assert decoded.picture.pixels.shape == (header.height, header.width, header.channels)


def read_codestream(data: bytes) -> None:
    """A tile of a file without loss. The first byte chooses which picture it has to be."""
    width, height, bits, channels = ((17, 16, 8, 3), (64, 48, 8, 3), (24, 20, 16, 3), (24, 20, 8, 1))[data[0] % 4]
    with suppress(ValueError):
        samples = decode_lossless(data[1:], width, height, bits, channels)
        assert (samples.shape, samples.itemsize) == ((height, width, channels), bits // 8)


def read_preview(data: bytes) -> None:
    with one_sentence():
        thumbnail(container.write(replace(PLAIN, preview=data)), 64)


def read_alpha(data: bytes) -> None:
    for bits in (8, 16):
        with one_sentence():
            plane = decode_alpha(data, 16, 12, bits)
            assert plane.shape == (12, 16)


def read_texts(data: bytes) -> None:
    with one_sentence():
        if texts := parse_texts(data):
            assert pack_texts(texts) == data
    with one_sentence():
        parse_resolution(data)


def edit_metadata(data: bytes) -> None:
    """EXIF, XMP and IPTC that anybody may have written: changing them may do nothing, but never fail."""
    if metadata.is_sound(data):
        for orientation in (1, 6):
            assert len(metadata.made_upright(data, orientation, 30, 20)) <= len(data)
        assert len(metadata.without_location(data)) in (len(data), 0), "all of it goes where places cannot be told"
    metadata.orientation_in(data, data)
    assert xmp.orientation_of(xmp.upright(data)) == 1
    xmp.without_attachments(data)
    assert xmp.without_location(xmp.without_location(data)) == xmp.without_location(data)
    half = len(data) // 2
    xmp.joined(data[:half], [data[half:]])
    main, pieces = xmp.split(data)
    assert len(main) <= xmp.JPEG_LIMIT or not pieces
    iptc.without_location(data)


def read_picture(data: bytes) -> None:
    """Every reader; what is read is shown small, through its own profile, and can be written."""
    with one_sentence():
        picture = Picture.from_bytes(data, LIMITS)
        assert picture.width * picture.height <= LIMITS.pixels
        small_image(picture, 16)
        assert all(str(phrase).isprintable() for phrase in picture.left_out)
        picture.encode(".png")


def import_checkpoint(data: bytes) -> None:
    """A file that is said to be weights. The first byte chooses what it is called."""
    from hpcm_core.models.checkpoint import convert_checkpoint

    path = _scratch() / ("weights.safetensors" if data[:1] == b"s" else "weights.pth.tar")
    path.write_bytes(data[1:])
    with one_sentence(ModelError):
        convert_checkpoint(path, "plain", "mse", None)


def read_recipe(data: bytes) -> None:
    with one_sentence(InvalidRecipe):
        recipe = Recipe.from_json(data)
        assert Recipe.from_json(recipe.to_json()) == recipe


def read_settings(data: bytes) -> None:
    """A settings file; reading never fails, and never gives what is no setting."""
    from app.desktop.settings import THEMES, Settings, codec_environment

    folder = _scratch()
    (folder / "settings.ini").write_bytes(data)
    settings = Settings(folder)
    names = [name for name, value in vars(Settings).items() if isinstance(value, property)]
    values = {name: getattr(settings, name) for name in names}
    assert values["theme"] in THEMES
    assert isinstance(values["recipe"], Recipe)
    assert all(isinstance(value, str) and "\0" not in value for value in codec_environment(settings).values())


TARGETS: dict[str, Target] = {
    "container": read_container,
    "tile": read_tile,
    "decode": decode,
    "codestream": read_codestream,
    "preview": read_preview,
    "alpha": read_alpha,
    "texts": read_texts,
    "metadata": edit_metadata,
    "picture": read_picture,
    "checkpoint": import_checkpoint,
    "recipe": read_recipe,
    "settings": read_settings,
}
FILES_OF_OURS = ("container", "decode")
"""Targets that take .hpcm files: damage.py changes them with their checksums right."""


@cache
def _scratch() -> Path:
    """A folder in memory where there is one, gone with the process."""
    memory = Path("/dev/shm")
    folder = tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)
    _kept.append(folder)
    return Path(folder.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


@cache
def prepare(name: str) -> None:
    """What a target needs beside its bytes: what is loaded once is not to be part of an input's time."""
    if name == "checkpoint":
        from hpcm_core.models import registry
        from tests.toy.plain import PLAIN as FAMILY

        registry.register(FAMILY)
    if name in ("decode", "codestream", "checkpoint", "picture", "settings"):
        for path in (CORPUS / name).iterdir():
            with suppress(Exception):
                TARGETS[name](path.read_bytes())
