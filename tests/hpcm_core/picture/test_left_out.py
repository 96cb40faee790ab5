"""What is left out is said; what a file says of itself stays true; metadata never stop saving."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from hpcm_core import codec
from hpcm_core.errors import PictureError
from hpcm_core.limits import Limits
from hpcm_core.picture import metadata, png_chunks, xmp
from hpcm_core.picture.parts import Parts
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Resolution
from hpcm_core.recipe import Recipe
from tests.hpcm_core.picture.opening import opened, text_of

Y, X = np.mgrid[0:16, 0:24]
RAMPS = np.dstack((X * 10, Y * 16, (X + Y) * 6)).astype(np.uint8)
COLOURS = ((255, 0, 0), (0, 128, 0), (0, 0, 255))


def packet(attributes="", elements=""):
    names = {
        "tiff": "http://ns.adobe.com/tiff/1.0/", "exif": "http://ns.adobe.com/exif/1.0/",
        "dc": "http://purl.org/dc/elements/1.1/", "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
        "C": "http://ns.google.com/photos/1.0/container/", "Item": "http://ns.google.com/photos/1.0/container/item/",
        "GCamera": "http://ns.google.com/photos/1.0/camera/",
    }  # fmt: skip
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in names.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces} dc:format="image/jpeg" {attributes}>{elements}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


# Several pictures


@pytest.mark.parametrize("suffix", [".png", ".gif", ".webp", ".avif", ".tif"])
def test_any_picture_of_several_can_be_had_and_the_others_are_missed(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    frames = [Image.new("RGB", (32, 32), colour) for colour in COLOURS]
    options = {".webp": {"lossless": True}, ".avif": {"quality": 95}}.get(suffix, {})
    timing = {} if suffix == ".tif" else {"duration": 100}
    frames[0].save(path, save_all=True, append_images=frames[1:], **timing, **options)
    for number, colour in enumerate(COLOURS):
        picture = Picture.open(path, frame=number)
        assert np.abs(picture.pixels.astype(int) - colour).max() <= 4
        assert picture.frames == 3
        assert ("2 more pages" if suffix == ".tif" else "3 pictures of its animation") in text_of(picture)
    for number in (3, -1):
        with pytest.raises(PictureError, match=f"no picture {number}: it has 3"):
            Picture.open(path, frame=number)


def test_one_picture_alone_misses_nothing(tmp_path):
    for suffix in (".png", ".webp", ".avif", ".tif", ".jpg", ".bmp", ".jxl"):
        picture = Picture(RAMPS)
        picture.save(tmp_path / f"a{suffix}")
        assert Picture.open(tmp_path / f"a{suffix}").left_out == ()
        with pytest.raises(PictureError, match="no picture 1"):
            Picture.open(tmp_path / f"a{suffix}", frame=1)


def test_what_xmp_claims_of_a_gain_map_is_dropped_with_it(tmp_path):
    listed = '<C:Directory><rdf:Seq><rdf:li><C:Item Item:Semantic="GainMap"/></rdf:li></rdf:Seq></C:Directory>'
    claims = packet('hdrgm:Version="1.0" hdrgm:GainMapMax="2"', listed)
    Image.fromarray(RAMPS).save(tmp_path / "a.jpg", xmp=claims)
    picture = Picture.open(tmp_path / "a.jpg")
    assert text_of(picture) == "the gain map for brighter screens"
    for gone in (b"hdrgm:Version", b"GainMapMax", b"Directory"):
        assert gone not in picture.xmp
    assert b'dc:format="image/jpeg"' in picture.xmp


@pytest.mark.parametrize("gain", [False, True])
def test_a_second_picture_in_a_jpeg_file(tmp_path, gain):
    """What the second one is, its own XMP says."""
    second = Image.new("RGB", (12, 8))
    second.encoderinfo = {"xmp": packet('hdrgm:Version="1.0"') if gain else packet().replace(b"gain-map", b"")}
    Image.fromarray(RAMPS).save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second])
    picture = Picture.open(tmp_path / "a.jpg")
    assert (picture.width, picture.height, picture.xmp) == (24, 16, None)
    expected = "the gain map for brighter screens" if gain else "all but one of the 2 pictures in it"
    assert text_of(picture) == expected
    assert picture.frames == (1 if gain else 2)
    assert Picture.open(tmp_path / "a.jpg", frame=1).width == 12


def test_videos_beside_a_picture(tmp_path):
    Image.fromarray(RAMPS).save(tmp_path / "a.jpg", xmp=packet('GCamera:MotionPhoto="1" GCamera:Other="2"'))
    picture = Picture.open(tmp_path / "a.jpg")
    assert "video" in text_of(picture)
    assert b"MotionPhoto" not in picture.xmp
    assert b"GCamera:Other" in picture.xmp


# Orientation


def exif_by_hand(kind, value, order="<", thumbnail=b"\xff\xd8thumbnail\xff\xd9"):
    """EXIF with an orientation of any type, sizes of 24 x 16, and a thumbnail."""
    code = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I"}[kind]

    def entry(tag, kind, value, code="I"):
        return struct.pack(order + "HHI", tag, kind, 1) + struct.pack(order + code, value).ljust(4, b"\0")

    main = [entry(0x0100, 4, 24), entry(0x0101, 3, 16, "H"), entry(0x0112, kind, value, code), entry(0x8769, 4, 62)]
    sub = [entry(0xA002, 4, 24), entry(0xA003, 4, 16)]
    small = [entry(0x0201, 4, 122), entry(0x0202, 4, len(thumbnail))]
    data = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    for entries, following in ((main, 92), (sub, 0), (small, 0)):
        data += struct.pack(order + "H", len(entries)) + b"".join(entries) + struct.pack(order + "I", following)
    return data + thumbnail


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [1, 3, 4, 6, 7, 8, 9, 13])
def test_orientation_of_any_type_is_applied_once(tmp_path, kind, order):
    file = io.BytesIO()
    Image.fromarray(RAMPS).save(file, "JPEG", exif=b"Exif\0\0" + exif_by_hand(kind, 6, order), quality=95)
    once = opened(tmp_path, file.getvalue())
    assert (once.width, once.height) == (16, 24)
    once.save(tmp_path / "b.jpg")
    twice = Picture.open(tmp_path / "b.jpg")
    assert (twice.width, twice.height) == (16, 24)
    tags = Image.Exif()
    tags.load(twice.exif)
    assert tags[0x0112] in (1, b"\1")
    assert (tags[0x0100], tags[0x0101]) == (16, 24)
    assert (tags.get_ifd(0x8769)[0xA002], tags.get_ifd(0x8769)[0xA003]) == (16, 24)
    assert not tags.get_ifd(1)
    assert b"thumbnail" not in twice.exif


def test_exif_of_pictures_that_their_decoder_turned():
    turned = Parts(np.zeros((24, 16, 3), np.uint8), exif=exif_by_hand(3, 6)).raster(Limits())
    assert turned.exif == metadata.made_upright(exif_by_hand(3, 6), 6, 16, 24)


def test_exif_of_an_upright_picture_stays_as_it_is():
    exif = exif_by_hand(3, 1)
    assert metadata.made_upright(exif, 1, 24, 16) == exif


def test_a_thumbnail_inside_is_blanked():
    exif = exif_by_hand(3, 6) + b"behind"
    made = metadata.made_upright(exif, 6, 16, 24)
    assert len(made) == len(exif)
    assert b"thumbnail" not in made
    assert made.endswith(b"behind")


@pytest.mark.parametrize("position", range(0, 122, 3))
def test_damage_in_exif_stops_neither_opening_nor_saving(tmp_path, position):
    exif = bytearray(exif_by_hand(3, 6))
    exif[position] ^= 0xFF
    file = io.BytesIO()
    Image.fromarray(RAMPS).save(file, "JPEG")
    data = file.getvalue()
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif
    picture = opened(tmp_path, data[:2] + segment + data[2:])
    metadata.without_location(bytes(exif))
    for suffix in (".png", ".jpg", ".tif", ".webp", ".avif", ".jxl"):
        picture.save(tmp_path / f"b{suffix}")
        assert Picture.open(tmp_path / f"b{suffix}").width in (16, 24)


# Metadata


def test_exif_larger_than_jpeg_can_hold_is_dropped_with_a_word(tmp_path):
    picture = Picture(RAMPS, exif=b"II*\0\x08\0\0\0" + bytes(70000), xmp=packet())
    assert "EXIF, which is larger" in "; ".join(picture.save(tmp_path / "a.jpg"))
    again = Picture.open(tmp_path / "a.jpg")
    assert again.exif is None
    assert again.xmp == packet()
    assert picture.save(tmp_path / "a.png") == ()


def test_xmp_larger_than_a_segment_of_jpeg_comes_back_whole(tmp_path):
    words = "".join(f"<rdf:li>{number}</rdf:li>" for number in range(12000))
    large = packet('dc:source="me"', f"<dc:subject><rdf:Bag>{words}</rdf:Bag></dc:subject>")
    assert len(large) > 3 * 65000
    picture = Picture(RAMPS, xmp=large)
    assert picture.save(tmp_path / "a.jpg") == ()
    again = Picture.open(tmp_path / "a.jpg")
    assert again.left_out == ()
    assert b"<rdf:li>11999</rdf:li></rdf:Bag>" in again.xmp
    assert b'dc:source="me"' in again.xmp
    assert b"HasExtendedXMP" not in again.xmp
    main, segments = xmp.split(large)
    pieces = [segment[4 + len(xmp.EXTENSION) :] for segment in segments]
    assert xmp.joined(main, pieces[::-1]) == (again.xmp, True)
    assert xmp.joined(main, pieces[1:]) == (main, False)


def test_the_place_alone_can_be_taken_out():
    tags = Image.Exif()
    tags[0x010F], tags[0x9C9B] = "A maker", b"Z\0"
    tags[0x8825] = {1: "N", 2: (48.0, 51.0, 29.9), 29: "2020:02:03"}
    tags[0x8769] = {0x9003: "2020:01:02 03:04:05"}
    exif = tags.tobytes().removeprefix(b"Exif\0\0")
    place = packet('exif:GPSLatitude="48,51.5N" exif:Other="1"', "<exif:GPSLongitude>2,17E</exif:GPSLongitude>")
    cleaned, said = metadata.without_location(exif), xmp.without_location(place)
    left = Image.Exif()
    left.load(cleaned)
    assert 0x8825 not in left
    assert not left.get_ifd(0x8825)
    assert (left[0x010F], left.get_ifd(0x8769)[0x9003]) == ("A maker", "2020:01:02 03:04:05")
    assert b"2020:02:03" not in cleaned
    assert b"GPS" not in said
    assert b'exif:Other="1"' in said
    nothing = exif_by_hand(3, 1)
    assert metadata.without_location(nothing) == nothing


def test_a_place_in_tags_that_were_copied_from_tiff(tmp_path):
    """XMP, IPTC and Photoshop's resources as tags of EXIF, as of a TIFF file's that a program copied."""
    file = io.BytesIO()
    values = {
        700: b"<x>Berlin</x>",
        33723: b"\x1c\x02\x5a\x00\x06Berlin",
        34377: b"8BIM\x04\x04 Berlin",
        34675: b"colours",
    }
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in values.items():
        tags.tagtype[tag], tags[tag] = 7, value
    tags[0x010F] = "A maker"
    file.write(b"II*\0\x08\0\0\0" + tags.tobytes(8))
    cleaned = metadata.without_location(file.getvalue())
    assert b"Berlin" not in cleaned
    kept = Image.Exif()
    kept.load(cleaned)
    assert set(kept) == {0x010F, 34675}
    # They are no reason either to see a picture that is written as TIFF with another's colours.
    Picture(RAMPS, exif=file.getvalue()).save(tmp_path / "a.tif")
    again = Picture.open(tmp_path / "a.tif")
    assert (again.icc, again.xmp, again.iptc, again.left_out) == (None, None, None, ())
    assert b"A maker" in again.exif


def test_exif_of_png_with_the_prefix_of_jpeg():
    exif = exif_by_hand(3, 6)
    chunk = png_chunks.chunk(b"eXIf", b"Exif\0\0" + exif)
    file = io.BytesIO()
    Image.fromarray(RAMPS).save(file, "PNG")
    data = file.getvalue()
    picture = Picture.from_bytes(data[:33] + chunk + data[33:])
    assert (picture.width, picture.height, picture.left_out) == (16, 24, ())
    assert picture.exif == metadata.made_upright(exif, 6, 16, 24)


@pytest.mark.parametrize(("size", "kept"), [(1 << 24, False), ((1 << 24) - (1 << 18), True)])
def test_metadata_at_the_limit_leave_room_for_a_preview(size, kept):
    """What has been read fits into a .hpcm file, however much it is: no encoding ends with its last step."""
    read = Parts(RAMPS, xmp=bytes(size), resolution=Resolution(300, 300)).raster(Limits())
    assert (read.xmp is not None, read.left_out == ()) == (kept, kept)
    data = codec.encode(Picture(**vars(read)), Recipe("lossless", embed_preview=True), reconstruct=False).data
    assert codec.decode(data).picture.xmp == read.xmp
