"""`hpcm info`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hpcm_core.cli.output import Row
from hpcm_core.cli.places import IN_FILES, read_hpcm
from hpcm_core.cli.support import AS_JSON, finish, for_each, natural_row
from hpcm_core.look import said

if TYPE_CHECKING:
    from hpcm_core.format.container import Container
    from hpcm_core.picture.samples import Resolution
    from hpcm_core.progress import Progress


@click.command()
@IN_FILES
@AS_JSON
def info(inputs: tuple[Path, ...], as_json: bool) -> None:
    """Show what .hpcm files hold, without decoding them. A file called - comes from standard input."""

    def one(source: Path, _target: Path, _progress: Progress) -> Row:
        from hpcm_core.format import container
        from hpcm_core.format.look import parse_look
        from hpcm_core.format.notes import parse_resolution
        from hpcm_core.models.registry import lossless_coder
        from hpcm_core.picture.spaces import SPACES

        data = read_hpcm(source)
        file, header = container.read(data), container.read_header(data)
        resolution = parse_resolution(file.resolution)
        return {
            "bytes": len(data),
            "bpp": round(8 * len(data) / (header.width * header.height), 5),
            "width": header.width,
            "height": header.height,
            "channels": header.channels,
            "bit_depth": header.bit_depth,
            "alpha": header.has_alpha,
            "model": header.model_name,
            "lossless": lossless_coder(header.model_name, header.profile),
            "model_hash": header.model_hash.hex(),
            "quality": None if header.quality > 100 else header.quality,
            "arithmetic_profile": header.profile,
            "tiles": f"{header.tile_rows}x{header.tile_cols}",
            "stream_bytes": _stream_bytes(file),
            "colour_space": SPACES[header.colour_space].name if header.colour_space else None,
            "icc": len(file.icc or b""),
            "exif": len(file.exif or b""),
            "xmp": len(file.xmp or b""),
            "iptc": len(file.iptc or b""),
            "texts": len(file.texts or b""),
            # Of one that is a ratio alone nobody could say how many dots an inch has.
            "resolution": _pair(resolution) if resolution is not None and resolution.absolute else None,
            **({} if resolution is None or resolution.absolute else {"resolution_ratio": _pair(resolution)}),
            "preview": len(file.preview or b""),
            "gain": len(file.gain or b""),
            **_blocks(file),
            "look": said(look := parse_look(file.look)),
            **natural_row(look, header.quality),
        }

    finish(for_each([(source, source) for source in inputs], one), as_json)


def _pair(resolution: Resolution) -> list[float]:
    return [round(resolution.x, 3), round(resolution.y, 3)]


def _blocks(file: Container) -> Row:
    """How many blocks are coded better and how many worse than the rest, of a file that has such."""
    from hpcm_core.format.gain import parse_gain

    if file.gain is None:
        return {}
    offsets = parse_gain(file.gain, file.header.width, file.header.height).offsets
    return {"blocks_kept": int((offsets > 0).sum()), "blocks_cheap": int((offsets < 0).sum())}


def _stream_bytes(file: Container) -> int | None:
    """Of all tiles; None for a file of a model that this program does not know."""
    from hpcm_core.format.tile import parse_tile
    from hpcm_core.models.registry import config_of, variant_of

    variant = variant_of(file.header.model_name)
    config = None if variant is None else config_of(variant, file.header.model_hash)
    if config is None:
        return None
    return sum(parse_tile(tile, config.streams).stream_bytes for tile in file.tiles)
