"""Files that wish another look."""

from __future__ import annotations

import pytest

from hpcm_core import codec
from hpcm_core.errors import HpcmError
from hpcm_core.format import container
from hpcm_core.format.look import parse_look
from hpcm_core.format.wish import wishing
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.test_codec import photo


def test_a_wish_comes_changes_and_goes_and_nothing_else_does():
    picture = Picture(photo(64, 64), exif=b"MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00")
    plain = codec.encode(picture, Recipe(), reconstruct=False).data
    looks = [wishing(plain, 1)]
    for look in (256, 77):
        looks.append(wishing(looks[-1], look))
    assert [parse_look(container.read(data).look) for data in looks] == [1, 256, 77]
    assert {len(data) for data in looks} == {len(looks[0])}
    assert wishing(looks[-1], 0) == plain == wishing(plain, 0)


def test_what_is_no_file_wishes_nothing():
    with pytest.raises(HpcmError):
        wishing(b"\x89HPCM\r\n\x1a", 100)
