"""IPTC, comments, texts and resolution: read, kept, written where a format has a place, said to be left out elsewhere.

What is written is read by Pillow and tifffile.
"""

import io
import struct
import time
import zlib
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from PIL import Image, IptcImagePlugin, PngImagePlugin

from hpcm_core import codec
from hpcm_core.errors import CorruptFile, LimitExceeded
from hpcm_core.format import notes
from hpcm_core.limits import Limits
from hpcm_core.picture import iptc, metadata, xmp
from hpcm_core.picture.parts import MOST_TEXTS, Parts
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.samples import Resolution
from hpcm_core.recipe import Recipe
from tests.hpcm_core.picture.opening import opened

Y, X = np.mgrid[0:16, 0:24]
RAMPS = np.dstack((X * 10, Y * 16, (X + Y) * 6)).astype(np.uint8)


def data_set(record, number, value):
    return bytes((0x1C, record, number)) + len(value).to_bytes(2, "big") + value


CAPTION, CITY, KEYWORD = data_set(2, 120, "Straße".encode()), data_set(2, 90, b"Berlin"), data_set(2, 25, b"tree")
IPTC = CAPTION + CITY + KEYWORD
RESOURCES = b"8BIM\x03\xed\x03abc\0\0\0\x01x\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC
TEXTS = (("Comment", "Grüße, 你好"), ("Title", "Words"), ("Author", "Müller"))
FULL = Picture(RAMPS, iptc=IPTC, texts=TEXTS, resolution=Resolution(300, 150))


def saved(picture, suffix):
    data = picture.encode(suffix)
    return Image.open(io.BytesIO(data)), data


def jpeg(*segments, **options):
    file = io.BytesIO()
    Image.fromarray(RAMPS).save(file, "JPEG", **options)
    data, extra = file.getvalue(), b""
    for marker, payload in segments:
        extra += bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload
    return data[:20] + extra + data[20:]


def test_beside_a_jpeg_picture(tmp_path):
    segments = [(0xED, b"Photoshop 3.0\0" + RESOURCES), (0xFE, "Grüße".encode()), (0xFE, "Grüße".encode("latin-1"))]
    picture = opened(tmp_path, jpeg(*segments, dpi=(300, 150)))
    assert picture.iptc == IPTC
    assert picture.texts == (("Comment", "Grüße"), ("Comment", "Grüße"))
    assert picture.resolution == (300, 150, True)
    assert picture.left_out == ()


def test_beside_a_png_picture(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Müller")
    info.add_text("Long", "Words " * 1000, zip=True)
    info.add_itxt("Title", "你好", lang="zh", tkey="标题")
    profile = f"\niptc\n{len(RESOURCES):8}\n{RESOURCES.hex()}\n"
    info.add_text("Raw profile type iptc", profile, zip=True)
    Image.fromarray(RAMPS).save(tmp_path / "a.png", pnginfo=info, dpi=(300, 300))
    picture = Picture.open(tmp_path / "a.png")
    assert picture.texts == (("Title", "你好"), ("Long", "Words " * 1000), ("Author", "Müller"))
    assert picture.iptc == IPTC
    assert picture.resolution.x == pytest.approx(300, abs=0.01)
    assert picture.left_out == ()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["u1", "long", "swapped", "photoshop"])
def test_beside_a_tiff_picture(tmp_path, order, kind):
    padded = IPTC + bytes(-len(IPTC) % 4)
    values = {
        "u1": (33723, 7, len(IPTC), IPTC),
        "long": (33723, 7, len(padded), padded),
        "swapped": (33723, 7, len(padded), np.frombuffer(padded, "<u4").byteswap().tobytes()),
        "photoshop": (34377, 7, len(RESOURCES), RESOURCES),
    }
    options = {"resolution": (118, 59), "resolutionunit": "CENTIMETER", "extratags": [(*values[kind], True)]}
    tifffile.imwrite(tmp_path / "a.tif", RAMPS, byteorder=order, **options)
    picture = Picture.open(tmp_path / "a.tif")
    assert picture.iptc.rstrip(b"\0") == IPTC
    assert picture.resolution == pytest.approx((118 * 2.54, 59 * 2.54, True))


def test_beside_gif_and_bmp(tmp_path):
    Image.fromarray(RAMPS).save(tmp_path / "a.gif", comment="Grüße".encode())
    assert Picture.open(tmp_path / "a.gif").texts == (("Comment", "Grüße"),)
    Image.fromarray(RAMPS).save(tmp_path / "a.bmp", dpi=(300, 150))
    assert Picture.open(tmp_path / "a.bmp").resolution == pytest.approx((300, 150, True), abs=0.02)


def test_written_beside_jpeg():
    image, data = saved(FULL, ".jpg")
    assert image.info["dpi"] == (300, 150)
    assert image.info["comment"] == "Grüße, 你好".encode()
    assert IptcImagePlugin.getiptcinfo(image)[2, 90] == b"Berlin"
    assert image.info["photoshop"][0x0404] == IPTC
    again = Picture.from_bytes(data)
    assert (again.iptc, again.texts, again.resolution) == (IPTC, TEXTS[:1], (300, 150, True))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_written_beside_png(dtype):
    long = ("Long", "Wörter " * 500), ("Long too", "你好 " * 500)
    picture = replace(FULL, pixels=RAMPS.astype(dtype), texts=TEXTS + long, xmp=b"<x:xmpmeta/>")
    image, data = saved(picture, ".png")
    image.load()
    assert {name: str(text) for name, text in image.text.items() if name in dict(picture.texts)} == dict(picture.texts)
    assert image.info["dpi"] == pytest.approx((300, 150), abs=0.02)
    again = Picture.from_bytes(data)
    assert sorted(again.texts) == sorted(picture.texts)
    assert (again.iptc, again.xmp, again.left_out) == (IPTC, b"<x:xmpmeta/>", ())
    assert len(data) < 3000 + 6 * RAMPS.nbytes


def test_written_beside_tiff(tmp_path):
    picture = replace(FULL, resolution=Resolution(299.72, 118))
    image, data = saved(picture, ".tif")
    assert IptcImagePlugin.getiptcinfo(image)[2, 90] == b"Berlin"
    assert image.info["dpi"] == pytest.approx((299.72, 118))
    again = Picture.from_bytes(data)
    assert (again.iptc, again.resolution) == (IPTC, pytest.approx((299.72, 118, True)))


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        (".png", ""),
        (".jpg", "text in the file (Title, Author)"),
        (".tif", "the comment; text in the file (Title, Author)"),
        (".webp", "IPTC; the comment; text in the file (Title, Author); the resolution of 300 dpi"),
        (".avif", "IPTC; the comment; text in the file (Title, Author); the resolution of 300 dpi"),
        (".jxl", "IPTC; the comment; text in the file (Title, Author); the resolution of 300 dpi"),
        (".bmp", "EXIF; XMP; IPTC; the comment; text in the file (Title, Author)"),
    ],
)
def test_what_a_format_has_no_place_for_is_named(tmp_path, suffix, expected):
    full = replace(FULL, exif=b"II*\0\x08\0\0\0" + bytes(6), xmp=b"<x:xmpmeta/>")
    assert "; ".join(full.save(tmp_path / f"a{suffix}")) == expected
    assert Picture(RAMPS).save(tmp_path / f"a{suffix}") == ()
    assert Picture(RAMPS, resolution=Resolution(72, 72)).save(tmp_path / f"a{suffix}") == ()


def test_avif_of_deep_pictures_says_what_its_writer_cannot(tmp_path):
    (said,) = Picture(RAMPS.astype(np.uint16) * 257).save(tmp_path / "a.avif")
    assert str(said) == "the lower bits of its 16"
    assert Picture.open(tmp_path / "a.avif").bit_depth == 8


def test_a_resolution_that_exif_says_is_not_missed(tmp_path):
    tags = Image.Exif()
    tags[282], tags[283] = 300.0, 300.0
    picture = Picture(RAMPS, exif=tags.tobytes().removeprefix(b"Exif\0\0"), resolution=Resolution(300, 300))
    assert picture.save(tmp_path / "a.webp") == ()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
@pytest.mark.parametrize(
    "resolution",
    [(300, 300, True), (118 * 2.54, 59 * 2.54, True), (2, 1, False), (1.5, 1, False), (1, 1, True), (72, 72, True)],
)
def test_resolutions_come_back(tmp_path, suffix, resolution):
    Picture(RAMPS, resolution=Resolution(*resolution)).save(tmp_path / f"a{suffix}")
    again = Picture.open(tmp_path / f"a{suffix}").resolution
    assert again.absolute == resolution[2]
    if again.absolute:
        assert again == pytest.approx(resolution, abs=0.02)
    else:
        assert again.x / again.y == pytest.approx(resolution[0] / resolution[1], rel=0.001)


def test_resolutions_without_sense_are_none():
    for resolution in ((0, 72, True), (1, 1, False), (float("nan"), 1, True), (1e9, 72, True)):
        assert Parts(RAMPS, resolution=Resolution(*resolution)).raster(Limits()).resolution is None
    assert Parts(RAMPS, orientation=6, resolution=Resolution(300, 150)).raster(Limits()).resolution == (150, 300, True)


def test_sizes_that_jpeg_has_no_room_for(tmp_path):
    large = replace(
        FULL, iptc=b"".join(data_set(2, 25, b"k" * 30000) for _ in range(3)), texts=(("Comment", "w" * 70000),)
    )
    assert "; ".join(large.save(tmp_path / "a.jpg")) == "IPTC; the comment"
    assert large.save(tmp_path / "a.png") == ()
    again = Picture.open(tmp_path / "a.png")
    assert (again.iptc, again.texts) == (large.iptc, large.texts)


def test_limits_count_all_metadata_together():
    parts = Parts(RAMPS, xmp=bytes(600), iptc=IPTC, texts=(("a", "b" * 20), ("c", "d" * 200), ("Comment", "x" * 200)))
    picture = parts.raster(Limits(metadata=813))
    assert (picture.xmp, picture.iptc, picture.texts) == (bytes(600), IPTC, (("a", "b" * 20),))
    assert picture.left_out == ("the comment", "text in the file (c)")
    assert Parts(RAMPS, xmp=bytes(790), iptc=IPTC).raster(Limits(metadata=813)).left_out == (
        "IPTC, which is larger than the limit",
    )
    many = Parts(RAMPS, texts=tuple((f"k{i}", "") for i in range(MOST_TEXTS + 8))).raster(Limits())
    assert len(many.texts) == MOST_TEXTS
    assert many.left_out == ("text in the file (k4096, k4097, k4098, k4099, k4100, k4101, ...)",)


@pytest.mark.parametrize("cut", range(0, len(RESOURCES), 3))
def test_damaged_resources_end_well(cut):
    assert iptc.iptc_of(RESOURCES[:cut]) in (None, *(IPTC[:n] for n in range(1, len(IPTC))))
    found = iptc.without_location(IPTC[:cut])
    assert IPTC.replace(CITY, b"").startswith(found)


def test_keywords_that_png_cannot_have():
    texts = (("", "a"), ("x" * 100, "b"), (" 你 \n\0k ", "c\0d"), ("Title", "e"))
    with Image.open(io.BytesIO(Picture(RAMPS, texts=texts).encode(".png"))) as image:
        image.load()
        assert image.text == {"Text": "a", "x" * 79: "b", "? k": "cd", "Title": "e"}


# Through .hpcm


def test_all_of_it_goes_through_hpcm_and_can_be_left_out():
    back = codec.decode(codec.encode(FULL, Recipe(), reconstruct=False).data).picture
    assert back.metadata == FULL.metadata
    bare = codec.encode(FULL, Recipe(keep_metadata=False))
    assert bare.reconstruction.metadata == codec.decode(bare.data).picture.metadata == Picture(RAMPS).metadata
    assert metadata.bare(FULL).metadata == Picture(RAMPS).metadata


def test_chunks_of_texts_and_resolution_are_those_of_the_specification():
    assert notes.pack_texts((("Title", "Ä"), ("a", ""))) == b"Title\0\xc3\x84\0a\0\0"
    assert notes.parse_texts(b"Title\0\xc3\x84\0a\0\0") == (("Title", "Ä"), ("a", ""))
    assert notes.pack_resolution(Resolution(300, 72.5)) == struct.pack("<IIB", 300000, 72500, 1)
    assert notes.parse_resolution(struct.pack("<IIB", 2000, 1000, 0)) == (2, 1, False)
    assert notes.pack_texts(()) is notes.pack_resolution(None) is notes.parse_resolution(None) is None
    many = (("a", "b"),) * MOST_TEXTS
    assert notes.parse_texts(notes.pack_texts(many)) == many
    with pytest.raises(LimitExceeded, match="more metadata"):
        notes.pack_texts((*many, ("a", "b")))  # nobody could read the file
    assert notes.parse_texts(None) == ()


@pytest.mark.parametrize("data", [b"", b"a\0", b"a\0b", b"\xff\0b\0", b"a\0b\0" * (MOST_TEXTS + 1)])
def test_damaged_texts(data):
    with pytest.raises(CorruptFile, match="texts"):
        notes.parse_texts(data)


@pytest.mark.parametrize(
    "data", [b"", bytes(9), bytes(8), struct.pack("<IIB", 1, 1, 2), struct.pack("<IIBB", 1, 1, 1, 1)]
)
def test_damaged_resolution(data):
    with pytest.raises(CorruptFile, match="resolution"):
        notes.parse_resolution(data)


# Places


def test_places_are_taken_out_of_all_of_it():
    packet = (
        b'<rdf:RDF><rdf:Description xmlns:ps="http://ns.adobe.com/photoshop/1.0/"'
        b' xmlns:core="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"'
        b' xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ps:City="Berlin" ps:Credit="Me"'
        b' core:Location="Mitte">'
        b"<ps:Country>Germany</ps:Country><ext:LocationShown><rdf:Bag><rdf:li ext:City='Berlin'/></rdf:Bag>"
        b"</ext:LocationShown><ext:Event>Party</ext:Event></rdf:Description></rdf:RDF>"
    )
    texts = (*TEXTS, ("exif:GPSLatitude", "52"), ("Location", "Berlin"), ("State", "Berlin"), ("Stateless", "no"))
    cleaned = metadata.without_place(replace(FULL, xmp=packet, texts=texts))
    assert cleaned.iptc == CAPTION + KEYWORD
    assert cleaned.texts == TEXTS
    assert not any(word in cleaned.xmp for word in (b"Berlin", b"Mitte", b"Germany"))
    assert b'ps:Credit="Me"' in cleaned.xmp
    assert b"<ext:Event>Party</ext:Event>" in cleaned.xmp
    assert cleaned.resolution == FULL.resolution
    only = metadata.without_place(Picture(RAMPS, iptc=CITY))
    assert only.metadata == Picture(RAMPS).metadata


def test_long_values_of_iptc():
    long = bytes((0x1C, 2, 120)) + b"\x80\x04" + (40000).to_bytes(4, "big") + b"w" * 40000
    assert iptc.without_location(CITY + long + KEYWORD) == long + KEYWORD
    assert iptc.without_location(KEYWORD + CITY[:-1]) == KEYWORD


def test_hostile_xmp_takes_no_time():
    """200 000 elements without an end: looking for each one's would take hours."""
    begin = time.perf_counter()
    start = b'<x xmlns:e="http://ns.adobe.com/exif/1.0/">'
    for piece in (b"<e:GPSa>", b"<e:GPSa ", b" e:GPSa='", b"</e:GPSa>", b"<RDF>", b" xmlns:q='"):
        xmp.without_location(start + piece * 200_000)
        whole = b"<x:RDF>" + piece * 200_000
        xmp._rdf_body(whole)
    xmp.without_location(b"<x " + b"".join(b' xmlns:p%d="http://ns.adobe.com/exif/1.0/"' % n for n in range(50_000)))
    names = b"".join(b"<e:GPS%d>" % number for number in range(100_000))
    assert xmp.without_location(start + names) == start + names
    assert time.perf_counter() - begin < 30


def test_elements_of_a_namespace_nested_and_in_a_row():
    start = b'<x xmlns:e="http://ns.adobe.com/exif/1.0/">'
    body = b"<e:GPSa>1</e:GPSa><y/><e:GPSa/><e:GPSb><e:GPSa>2</e:GPSa></e:GPSb>text<e:Other/></x>"
    assert xmp.without_location(start + body) == start + b"<y/>text<e:Other/></x>"


def test_compressed_text_that_is_damaged_or_too_large_is_named(tmp_path):
    def text(name, packed):
        payload = name + b"\0\0" + packed
        return struct.pack(">I", len(payload)) + b"zTXt" + payload + struct.pack(">I", zlib.crc32(b"zTXt" + payload))

    data = Picture(RAMPS).encode(".png")
    extra = text(b"Bad", b"junk") + text(b"Bomb", zlib.compress(bytes(17 << 20)))
    picture = opened(tmp_path, data[:33] + extra + data[33:])
    assert (picture.texts, picture.left_out) == ((), ("text in the file (Bad, Bomb)",))
