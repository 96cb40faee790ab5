"""One picture of each format, and the commands that an installed `hpcm` must read and write them with. No package."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator

WRITTEN = ("png", "jpg", "webp", "tiff", "bmp", "avif", "jxl")
"""Made by the program itself, out of photo.hpcm, and read again."""
READ = {
    "gif": base64.b64decode("R0lGODdhAgACAIEAAP8AAAAA/wAAAAAAACwAAAAAAgACAAAIBwABBAgAICAAOw=="),
    "heic": zlib.decompress(
        base64.b85decode(
            "c-muNV30{GsVvAy%}izhg51nBLl8SRGck>UfpJ}KYDppk1Sn>t<P<^K3<a6VB@AeQuOPD|7tCS;Vu8$*M2HdrAY@>$$jr%4W&|=^"
            "9DwqS5G{<CU@V4d2vIoA0oIq9mj*Xg6v#<s0;vG1$tX)UWIz%GD@iZPOaU=(W)>6`0O{?S1<Cn9x*Vw5nURG9?p(PK41fOr`o+M&"
            "&#VA6P27Qzhw=Y^kOF3gITj$2L2eh5gCbB)%ZZT@Rbm2*fWmCutFfkM4>UA3g2WiX1cwrk!QsMquvo%CVgk?>k<8+PRH%&(P>d`l"
            "0K)~D6`3FbW-cx+ASIPqkP8cWV8AdnGBGeQF}Hwaic-^HL7tMCn+^^*P>{{bg#`H|4aW6so8%TAoUqlY`jNIx5QnyZsnUVne5Pt{"
            "N{;_o{=DDtXxp^6{M*>P*UP6>J_!&CopSvA?Y-|L`(EcgleFKqvAyD5{jB}!*AA|{Yp?(8_mzDIZseUf(_H`my7vEH8QaV_U5cNq"
            "_*SI)cg0ofv&Gw&WrTgUyrS?wZ{EG^_4C8ONtnDh;Svgb(P5mm?{(|GugX6F!DN;}"
        )
    ),
    "dng": zlib.decompress(
        base64.b85decode(
            "c-rld!3u&v5QhKVH7N-)$?6hVU81M(>cJQ27UZRZpeG3L^;r8@+3fBFLIi<_E~|`w?vDRAS`=IK0i<{$fB+xDab}QtP9=r198)P~"
            "Qz7&E28@J6NF32Z%p4PsIj5#e!u@71ZRJc`t{Jmwy4MQQ`00F5KwxJSGSQBy6%#Env>CucyLX!gSn3D^;uS4ybPtO7NW9a|oAM`@"
            "`%`sAc{x;P$C=~zZ1{5jbzj)|KcDF*=bb9=nBe{1@BQBI{eSVl0G6ev3j"
        )
    ),
}
"""What the program reads only: red and blue, 2 x 2; shades of 10 bits, 16 x 16; what a sensor sees of grey, 24 x 32."""


def commands() -> Iterator[list[str]]:
    """Arguments of `hpcm`, in their order, in a folder that has photo.hpcm and a file "only.gif" for each of READ."""
    for kind in WRITTEN:
        yield ["decode", "-f", "photo.hpcm", "--format", kind, "-o", f"as.{kind}"]
        yield ["encode", "-f", "--no-metrics", f"as.{kind}", "-o", f"as-{kind}.hpcm"]
    for kind in READ:
        yield ["encode", "-f", "--no-metrics", f"only.{kind}", "-o", f"only-{kind}.hpcm"]
