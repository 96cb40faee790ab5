"""Picture files to rasters: which reader takes a file is told by how it begins."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import IO

from hpcm_core.errors import Phrase, PictureError
from hpcm_core.files import reason_of
from hpcm_core.limits import Limits
from hpcm_core.picture import bmff, jxl, raw
from hpcm_core.picture.parts import Parts, check_frame
from hpcm_core.picture.pillow_reading import by_pillow, whole
from hpcm_core.picture.samples import Raster

TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""What TIFF and BigTIFF files begin with; they are read by `tiff_reading`."""
_HEAD = 4096


def read(path: str | os.PathLike[str], limits: Limits, frame: int = 0) -> Raster:
    """See Picture.open."""
    path = Path(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise PictureError("{path} is a folder, not a picture.", path=path)
        if not stat.S_ISREG(mode):
            raise PictureError("{path} is not a file.", path=path)
        with path.open("rb") as file:
            if not file.read(1):
                raise PictureError("{path} is empty.", path=path)
            return _parts(file, str(path), limits, frame).raster(limits)
    except FileNotFoundError:
        raise PictureError("{path} does not exist.", path=path) from None
    except PermissionError:
        raise PictureError("{path} may not be read by you.", path=path) from None
    except (OSError, ValueError) as error:
        raise PictureError("{path} cannot be read: {reason}.", path=path, reason=reason_of(error)) from None


def read_bytes(data: bytes | bytearray | memoryview, limits: Limits, frame: int = 0) -> Raster:
    """See Picture.from_bytes."""
    if not data:
        raise PictureError("The data is empty.")
    name = Phrase("The data")
    try:
        return _parts(io.BytesIO(data), name, limits, frame).raster(limits)
    except (OSError, ValueError) as error:
        raise PictureError("{path} cannot be read: {reason}.", path=name, reason=reason_of(error)) from None


def _parts(file: IO[bytes], name: str, limits: Limits, frame: int) -> Parts:
    """What is in a file, by the reader for its kind: told by how it begins, and for raw files by name."""
    file.seek(0)
    head = file.read(_HEAD)
    if raw.is_raw(head, name):
        return _of_camera(file, name, limits, frame)
    if head.startswith(TIFF_STARTS):
        # Loaded with the first such file: starting up must not wait for it.
        from hpcm_core.picture.tiff_reading import CameraRaw, read_tiff

        try:
            return read_tiff(file, name, limits, frame)
        except CameraRaw as found:
            if not raw.installed():
                raise
            try:
                return _of_camera(file, name, limits, frame)
            except PictureError:
                raise found from None
    if jxl.is_jxl(head):
        return jxl.read(whole(file), name, limits, frame)
    if bmff.is_heif(head):
        data = whole(file)
        if not bmff.is_avif(head) and bmff.contents(data).coding != "AV1":
            from hpcm_core.picture import heif

            return heif.read(data, name, limits, frame)
        file = io.BytesIO(bmff.called_avif(data))
    return by_pillow(file, name, limits, frame)


def _of_camera(file: IO[bytes], name: str, limits: Limits, frame: int) -> Parts:
    check_frame(name, frame, 1)
    return raw.read(whole(file), name, limits)
