"""JPEG XL beside grey and RGB of 8 bits: few bits, many bits, channels that are no colour, profiles of lossy files.

The files are of 6 x 4 pixels, made with libjxl's own encoder: no Python package writes such. Colour c of pixel i is
i (11 + 6 c) mod 256, alpha 85 + (37 i mod 171), stretched over the range of the file's bits.
"""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from imagecodecs import jpegxl_encode
from PIL import ImageCms

from hpcm_core.errors import PictureError
from hpcm_core.picture import jxl, jxl_head
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.pillow import image_of

GREY_AND_DEPTH = base64.b85decode("{|XpDFac292nYxe0K5Q87?X~JgA_`E#q9v|sG7{o><DINb_6psJA#>+wO+5+>*rdpzqoEx&$V9Ps44")
GREY_AND_TWO = base64.b85decode(
    "{|XpDP!K=>6gL70AOHaX@Bm8~la7OfgcF!va`_G*l1``7>2amgD~2DzxYFq#0e~dwC`md>l8%xj8jVJy@z+LU+%OdQYojp~000"
)
RGB_AND_DEPTH = base64.b85decode(
    "{|XpDFaab82oL}q0ZSN@j)Q|4D4r~Y>IFJ~N&tEQCshws4^<CU0pJ1f|Nb8yKp2K$c#tp*!|>n0LBcQ$|J?NS^z`&|O;3L@H{!Xbr*8xR"
)
CMYK = base64.b85decode(
    "0000CN?1%F4GM<}0000KW^{RQYItlQ00000YItlQ00009YItmH3IG5AU21r2WB&>mKrjkG0tg5Y02~2J7?X~JgBd8EEQIO>I)6$4"
    "dH^R?4^<CU4^;u+0r3C+A09v$hGBS+Fbu=+-@rk_Fbx0P^z`)f^m9#5e=#@Wxu&OY1ON"
)
RGBA_16 = base64.b85decode(
    "0000CN?1%F4GM<}0000KW^{RQYItlQ00000YItlQ00009YItmH3IG5At7>>`WB&>mK>P@PfCLB#5CBjDOBj=G930F-BvxodbD;;s"
    "V!Dj;!EXgCdVoE1@mxF?&&6}`rKslOxp*#~i|68Joq<bH&Bb%^Ts#+l(Gvh%fB^r0!2chB3lQjnF6e?T=z{YIyPylYpbNU-g^R&?"
    "gk8`DUC;#|dittLNl{Xi6eXoXgPEzMC@D%xg$6Uz%v4e;G|bFYQq0T>4Q8g2qNFG("
)
GREY_DEPTH_ALPHA = base64.b85decode(
    "{|XpDP!J%B8vzI)0098-081E?j)Q}Q6PR9d`3@kGPN&o9ai!BMh9AMW(&--ofF$WCNjgfBj*=uAjYgyK*G6O9FckP}qcIc!00"
)
RGB_AND_INK = base64.b85decode(
    "{|XpDFaiL82LJ#70DwmV2nY}W905xhla7Of87Q7Cgz5!4e@Xy)04G%sRS#7URRQ1u@c;fF9zYm|VR(=*48!o>z(K+=4FBBp^z`)f"
    "b4^cwF*oA5rl)TN00"
)
RGB_20 = base64.b85decode(
    "0000CN?1%F4GM<}0000KW^{RQYItlQ00000YItlQ00009YItmH3IG5AkZO2rWB&>mKs-SL2m%2B>;X#{o9#|PL6T?`VVj=LV<4N*"
    "FM5DI6&IIWTyb&5#U&RHR8%DwS6p0iammFM7k|ypz(7S+a&g7Q6&IIWe0O>RfPsJjuLA^L2MAysAdtTxgF*g+`~?{d&OyQi1_=!E"
    "7i2KVU+`O8yf)53!VCua3-T9aFu0zc0s"
)

LOSSY_OF_PROFILE = base64.b85decode(
    "{|ZAu3f~I@5~cyrm|{8r%kw(+lW$Ae1e_IG{)m+jy6Yost+0g61@0_Dcb2fDYZG#GbaZJBcte1Hu`ilo_yvX^$I^=LGaTwV5zb`|WnbF>X;I4n"
    "VN*wGYh}wE=Kx=C-2h!{TSZG{XP!RaNx#Tt9p3;)Utx1)Q%_N8sJ&JOpwl$yzy1FE@4x<+wS9)Q{}&$l^xrp>nF}WM@gSlas4X2BIM@NZk4G4P"
    "Oqp#001}7*<O1KWNdW**p)$(2!OOXxFF$lxOxw85&{o?PmL!UdW0Q0Oha|BUg14nh0FdA(2#WctxnJJ3wbEJ6U~jqnLtyAJQ6U9VY%`T)%$UiO"
    "bTp1R0+<y4pJO}GwfTiIApt=M7*^%g^5*Zo9Y_ZFo)Wt40`O?v40PX@=i3VIuc{-$o*wUL<rqmmyq4-<Fh!(%|5`Btr$RIVtsTZjSk6GO%92dc"
    "sSb;Iyn{D$hDQwuns@QPf>;L"
)
"""16 x 16 pixels, four colours in ROMM RGB with a gamma of 1.8, by libjxl's `cjxl -d 0.3`."""
LOSSY_OF_GREY_PROFILE = base64.b85decode(
    "{|ZAu8b=8OCJ+DuAV8Ry2F@Xu?xBQaURU*OK10Y&bqX}JG8V$pQyc;`&5))o8;NSb7X|<z^;!O#0nR~F6gN;@j!ReF;Bv@$YB^#Xq^Auiqzs^B"
    "pem_+=HR*9z^NLckY;Z`|7;f`w&M+k2g;=6Kxo7sD+Q40HXbSf000t*0Q>>J#7O}FP@yu)xWUW0o-aRiSWMfv&d^rd7M3K6jAN5@0*55A7=vBB"
    "4FCWJjLp2K8Mn6tfQLkhY*a{r6gN6D2B+9c>h?bmd9`^jAa#)B$Sgtd3>s6peah3m?F;e7+xI&k-pXUIO1Zm=2K$oL$^|m5)V|5D6QeW$vH<"
)
"""Likewise grey with a gamma of 1.5."""

PIXELS = np.arange(24).reshape(4, 6)


def colours(count):
    return np.stack([PIXELS * (11 + 6 * c) % 256 for c in range(count)], axis=2)


ALPHA = 85 + PIXELS * 37 % 171


def left_out(picture):
    return [str(phrase) for phrase in picture.left_out]


@pytest.mark.parametrize("bits", [1, 2, 4, 7])
@pytest.mark.parametrize("channels", [1, 3])
def test_few_bits_fill_the_range(bits, channels):
    peak = 2**bits - 1
    samples = np.arange(16 * 16 * channels).reshape(16, 16, channels) % (peak + 1)
    data = jpegxl_encode(samples.astype(np.uint8), lossless=True, bitspersample=bits)
    picture = Picture.from_bytes(data)
    np.testing.assert_array_equal(picture.pixels, np.round(samples * 255 / peak))


def test_more_than_16_bits_are_said_to_be_shortened():
    picture = Picture.from_bytes(RGB_20)
    assert picture.bit_depth == 16
    assert np.abs(picture.pixels.astype(int) - colours(3) * 257).max() <= 1
    assert left_out(picture) == ["the lower bits of its 20"]


@pytest.mark.parametrize(
    ("data", "channels", "beside"),
    [
        (GREY_AND_DEPTH, 1, ["1 more channel"]),
        (GREY_AND_TWO, 1, ["2 more channels"]),
        (RGB_AND_DEPTH, 3, ["1 more channel"]),
        (GREY_DEPTH_ALPHA, 1, ["1 more channel"]),
    ],
    ids=["grey-depth", "grey-two", "rgb-depth", "grey-depth-alpha"],
)
def test_channels_that_are_no_colour_are_said_to_be_left_out(data, channels, beside):
    picture = Picture.from_bytes(data)
    np.testing.assert_array_equal(picture.pixels, colours(channels))
    assert left_out(picture) == beside
    assert (picture.alpha is None) == (data is not GREY_DEPTH_ALPHA)


def test_of_several_channels_alpha_is_alpha():
    alpha = Picture.from_bytes(GREY_DEPTH_ALPHA).alpha
    np.testing.assert_array_equal(alpha, PIXELS * 30 % 256)


def test_an_ink_is_painted_over_the_colours_and_not_missed():
    picture = Picture.from_bytes(RGB_AND_INK)
    assert left_out(picture) == []
    assert (picture.pixels[..., 0].astype(int) >= colours(3)[..., 0]).all()  # The ink is red.
    assert (picture.pixels[..., 0] > colours(3)[..., 0]).any()


def test_cmyk_is_named_and_not_taken_for_rgb():
    with pytest.raises(PictureError, match=r"of kind JPEG XL \(CMYK\), which this program does not read"):
        Picture.from_bytes(CMYK)


def with_premultiplied(stream):
    """The codestream with the bit that calls its alpha multiplied into the colours, which nothing else changes."""
    head = jxl_head.head_of(stream)
    assert (head.extra, head.premultiplied) == ((jxl_head.ALPHA,), False)
    found = []
    for position in range(40, 100):
        changed = bytearray(stream)
        changed[position // 8] ^= 1 << position % 8
        try:
            if jxl_head.head_of(bytes(changed)) == replace(head, premultiplied=True):
                found.append(bytes(changed))
        except ValueError:
            pass
    assert len(found) == 1
    return found[0]


def test_premultiplied_alpha_is_undone():
    stream = jxl.codestream(RGBA_16)
    np.testing.assert_array_equal(Picture.from_bytes(stream).pixels, colours(3) * 257)
    picture = Picture.from_bytes(with_premultiplied(stream))
    np.testing.assert_array_equal(picture.alpha, ALPHA * 257)
    true = np.minimum(colours(3) * 257 / (ALPHA[..., np.newaxis] / 255), 65535)
    assert np.abs(picture.pixels - true).max() <= 0.5


@pytest.mark.parametrize("plugin", [True, False])
@pytest.mark.parametrize(
    ("data", "shown", "missed"),
    [
        (LOSSY_OF_PROFILE, [(146, 146, 146), (169, 124, 105), (15, 33, 38), (76, 121, 163)], ["colours outside sRGB"]),
        (LOSSY_OF_GREY_PROFILE, [(161,) * 3, (149,) * 3, (46,) * 3, (138,) * 3], []),
    ],
    ids=["rgb", "grey"],
)
def test_lossy_files_with_a_profile_are_in_linear_srgb(monkeypatch, plugin, data, shown, missed):
    """The decoder cannot compute with profiles, so the one in the file is not that of the samples."""
    if not plugin:
        monkeypatch.setattr(jxl, "find_spec", lambda name: None if name == "pillow_jxl" else name)
    picture = Picture.from_bytes(data)
    assert (picture.bit_depth, left_out(picture)) == (16, missed)  # 8 bits of linear light are too few in the dark.
    target = ImageCms.createProfile("sRGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(picture.icc))
    seen = ImageCms.profileToProfile(image_of(picture.pixels), source, target, outputMode="RGB")
    centres = [seen.getpixel(at) for at in ((4, 4), (12, 4), (4, 12), (12, 12))]
    assert np.abs(np.subtract(centres, shown)).max() <= 5
