"""Pages of TIFF files: which are pictures, which is read, and what is said of the others."""

import io
import struct
from functools import partial

import numpy as np
import pytest
import tifffile

from hpcm_core.errors import PictureError
from hpcm_core.picture.tiff_reading import CameraRaw
from tests.hpcm_core.picture import opening
from tests.hpcm_core.picture.tiff_files import noise, tags, tiff


@pytest.fixture
def opened(tmp_path):
    return partial(opening.opened, tmp_path, name="a.tif")


def test_the_first_page_that_is_no_smaller_copy(opened):
    small, whole, other = noise(2, 2), noise(6, 8), noise(4, 4)
    pages = [(tags(2, 2, 16, t254=1), [small.tobytes()]), (tags(8, 6, 16), [whole.tobytes()])]
    pages += [(tags(2, 2, 16, t254=1), [small.tobytes()]), (tags(4, 4, 16), [other.tobytes()])]
    picture = opened(tiff(*pages))
    np.testing.assert_array_equal(picture.pixels[:, :, 0], whole)
    assert picture.left_out == ("1 more page",)
    np.testing.assert_array_equal(opened(tiff(*pages), frame=1).pixels[:, :, 0], other)
    for frame in (2, -1):
        with pytest.raises(PictureError, match="2"):
            opened(tiff(*pages), frame=frame)


def test_a_picture_below_its_preview(opened):
    """As DNG has it, but with a picture that is one."""
    small, whole = noise(2, 2, dtype=np.uint8), noise(6, 8)
    preview = {**tags(2, 2, t254=1), 330: 0}
    first = tiff((preview, [small.tobytes()]), (tags(8, 6, 16), [whole.tobytes()]))
    with tifffile.TiffFile(io.BytesIO(first)) as file:
        below, next_at = file.pages[1].offset, file.pages[0].offset + 2 + 12 * len(file.pages[0].tags)
    data = bytearray(tiff(({**preview, 330: below}, [small.tobytes()]), (tags(8, 6, 16), [whole.tobytes()])))
    data[next_at : next_at + 4] = bytes(4)
    picture = opened(bytes(data))
    np.testing.assert_array_equal(picture.pixels[:, :, 0], whole)
    assert picture.left_out == ()


def test_where_all_are_smaller_copies_the_largest_is_read(opened):
    large = noise(5, 5, dtype=np.uint8)
    pages = [(tags(2, 2, t254=1), [bytes(4)]), (tags(5, 5, t254=1), [large.tobytes()])]
    np.testing.assert_array_equal(opened(tiff(*pages)).pixels[:, :, 0], large)


def test_masks_are_no_pages(opened):
    pages = [(tags(4, 2), [bytes(8)]), (tags(4, 2, 1, 4, t254=4), [bytes(2)])]
    assert opened(tiff(*pages)).left_out == ("a transparency mask",)


def test_pictures_below_a_page_are_pages_but_for_its_smaller_copies(opened):
    whole, below, small = noise(6, 8), noise(4, 4), noise(2, 2)
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(whole, photometric="minisblack", subifds=2, metadata=None)
        writer.write(small, photometric="minisblack", subfiletype=1)
        writer.write(below, photometric="minisblack")
        writer.write(whole, photometric="minisblack", metadata=None)
    for frame, expected in enumerate((whole, whole, below)):
        picture = opened(file.getvalue(), frame=frame)
        np.testing.assert_array_equal(picture.pixels[:, :, 0], expected)
        assert (picture.frames, picture.left_out) == (3, ("2 more pages",))


def test_pictures_of_imagej_without_directories_are_said_to_be_left_out(opened):
    stack = noise(5, 4, 4)
    for cut in (False, True):
        file = io.BytesIO()
        tifffile.imwrite(file, stack, imagej=True, truncate=cut)
        picture = opened(file.getvalue())
        np.testing.assert_array_equal(picture.pixels[:, :, 0], stack[0])
        assert (picture.frames, picture.left_out) == (1 if cut else 5, ("4 more pages",))
    assert opened(tiff((tags(4, 2, t270=b"images=9\n"), [bytes(8)]))).left_out == ()


def test_layers_and_places_on_the_map_are_said_to_be_left_out(opened):
    page = tags(4, 2, t37724=b"Adobe Photoshop Document Data Block\0", t34735=(1, 1, 0, 0))
    assert opened(tiff((page, [bytes(8)]))).left_out == ("the layers", "its place on the map (GeoTIFF)")


def test_pages_behind_a_damaged_directory_are_said_to_be_left_out(opened):
    data = bytearray(tiff((tags(4, 2), [bytes(8)])))
    at = 8 + 2 + 12 * 9
    for target in (8, 10**6):  # in a circle, beyond the end
        data[at : at + 4] = struct.pack("<I", target)
        assert opened(bytes(data)).left_out == ("pages that are damaged",)


@pytest.mark.parametrize("photometric", [32803, 34892])
def test_camera_raw_is_named(opened, photometric):
    with pytest.raises(CameraRaw, match=r"raw file \(TIF\)"):
        opened(tiff((tags(4, 2, 16, photometric), [bytes(16)])))
    with pytest.raises(CameraRaw, match=r"raw file \(DNG\)"):
        opened(tiff((tags(2, 2, t254=1, t50706=(1, 4, 0, 0)), [bytes(4)])))
