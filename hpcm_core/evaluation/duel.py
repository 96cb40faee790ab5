"""The duel: a picture by HPCM beside the same picture as JPEG, WebP, AVIF and JPEG XL, at equal bytes or equal quality,
and by other models or rates of ours.

Every contestant is a whole file of colour alone. What files carry beside it (profile, EXIF, XMP, IPTC, texts, alpha, a
preview) counts for nobody: it is taken out of the .hpcm file too, and its bytes without that are what the others are
held to.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import NamedTuple

from hpcm_core import metrics
from hpcm_core.errors import Cancelled, HpcmError, Phrase
from hpcm_core.evaluation.contestants import TOLERANCE, At, Contestant, Duel
from hpcm_core.evaluation.encoders import NAMES, Encoder, best_for
from hpcm_core.format import container
from hpcm_core.format.container import Container
from hpcm_core.format.header import FIXED_RATE
from hpcm_core.look import FAITHFUL
from hpcm_core.models.registry import METRIC_NAMES, lossless_coder
from hpcm_core.picture.picture import Picture
from hpcm_core.picture.spaces import fitting
from hpcm_core.progress import Cancel, Job, Progress, interruptible
from hpcm_core.rate_search import candidates
from hpcm_core.recipe import Recipe
from hpcm_core.results import Metrics, decode_seconds, encode_seconds


def of_recipe(
    original: Picture, recipe: Recipe, report: Progress | None = None, cancel: Cancel | None = None
) -> Contestant:
    """The picture's colour by HPCM. Raises HpcmError."""
    from hpcm_core import codec

    job = Job(report, cancel)
    source = Picture(original.pixels)
    encoded = codec.encode(source, recipe, reconstruct=False, progress=job.part(0, 0.6).report, cancel=cancel)
    decoded = codec.decode(encoded.data, progress=job.part(0.6, 1).report, cancel=cancel, look=FAITHFUL)
    return of_file(
        original, encoded.data, decoded.picture, encode_seconds(encoded.times), decode_seconds(decoded.times), job.check
    )


def of_file(
    original: Picture,
    data: bytes,
    decoded: Picture,
    encode_seconds: float | None,
    decode_seconds: float | None,
    check: metrics.Check = lambda: None,
) -> Contestant:
    """A .hpcm file that is there already and what it decodes to. check: as metrics.compare takes it. Raises
    HpcmError.
    """
    file = container.read(data)
    header = replace(file.header, has_alpha=False)
    # Of the rest the picture's colour is made.
    bare = container.write(Container(header, file.tiles, gain=file.gain))
    coder = lossless_coder(header.model_name, header.profile)
    rate = "" if header.quality == FIXED_RATE else f", quality={header.quality}"
    rate += "" if coder is None else f" ({coder})"
    picture = _seen(decoded, original)
    measured = _measure(original, picture, len(bare), check)
    return Contestant(
        "hpcm", "HPCM", header.model_name + rate, ".hpcm", bare, picture, measured, encode_seconds, decode_seconds
    )


def duel(
    original: Picture,
    ours: Contestant,
    at: At = "bytes",
    names: Sequence[str] = NAMES,
    report: Progress | None = None,
    cancel: Cancel | None = None,
    rivals: Sequence[Recipe] = (),
) -> Duel:
    """Make the others at the bytes of `ours`, or at its PSNR or MS-SSIM, and measure them. A codec that cannot take the
    picture is left out. Raises HpcmError where there is nothing to be equal to, Cancelled.

    rivals: further recipes of .hpcm files. Those with a rate take part as they are; one with a target, whatever that
    is, is held to what the others are held to.
    """
    job = Job(report, cancel)
    wanted = _wanted(ours.metrics, at)
    contestants, left_out = [ours], []
    encoders = best_for(original, names, tune="psnr" if at == "psnr" else "iq")
    makers: list[tuple[str, Callable[[Job], Contestant]]] = [
        *((title_of(recipe), partial(_rival, original, recipe, at, wanted)) for recipe in rivals),
        *((encoder.title, partial(_made, original, encoder, at, wanted)) for encoder in encoders),
    ]
    for number, (title, make) in enumerate(makers):
        try:
            made = make(job.part(number / len(makers), (number + 1) / len(makers)))
        except Cancelled:
            raise
        except HpcmError as error:
            left_out.append(Phrase("{codec} is left out. {reason}", codec=title, reason=error.phrase))
            continue
        same = next((one for one in contestants if one.data == made.data), None)
        if same is None:
            contestants.append(made)
        else:
            left_out.append(
                Phrase("{codec} is left out: its file is that of {other}.", codec=made.title, other=same.title)
            )
    job.report(Phrase("Done"), 1.0)
    return Duel(at, tuple(contestants), tuple(left_out))


def title_of(recipe: Recipe) -> str:
    """What a rival is called: its model and rate, such as "Lite 20"; without the rate where that is to be found."""
    metric = "" if recipe.metric == "mse" else METRIC_NAMES[recipe.metric]
    rate = recipe.quality if recipe.quality is not None else recipe.lmbda
    parts = (recipe.model.capitalize(), metric, "" if rate is None else f"{rate:g}")
    return " ".join(part for part in parts if part)


def _rival(original: Picture, recipe: Recipe, at: At, wanted: float, job: Job) -> Contestant:
    miss = None
    if recipe.has_target:
        recipe, miss = _nearest(original, recipe, at, wanted, job.part(0, 0.6))
        job = job.part(0.6, 1)
    one = of_recipe(original, recipe, job.report, job.cancel)
    title = title_of(recipe)
    name = title.lower().replace(" ", "-")
    return replace(one, name=name, title=title, suffix=f".{name}{one.suffix}", miss=miss)


def _nearest(original: Picture, recipe: Recipe, at: At, wanted: float, job: Job) -> tuple[Recipe, float]:
    """The rate of a recipe's model that comes nearest, and by how much it misses."""
    from hpcm_core import codec

    source, rates = Picture(original.pixels), candidates(recipe)
    values: dict[int, float] = {}

    def attempt(place: int) -> float:
        stage = Phrase("{codec}, attempt {number}", codec=title_of(recipe), number=len(values) + 1)
        job.report(stage, 1 - 0.7 ** len(values))
        data = codec.encode(source, rates[place], reconstruct=False, cancel=job.cancel).data
        values[place] = _value(
            original,
            container.picture_bytes(data),
            lambda: codec.decode(data, cancel=job.cancel).picture,
            at,
            job.check,
        )
        return values[place]

    found = search(attempt, len(rates), wanted, _tolerance(at))
    return rates[found], _miss(values[found] - wanted, at)


class _Attempt(NamedTuple):
    value: float
    data: bytes
    setting: float
    seconds: float


def _made(original: Picture, encoder: Encoder, at: At, wanted: float, job: Job) -> Contestant:
    best: _Attempt | None = None
    count = 0

    def attempt(place: int) -> float:
        nonlocal best, count
        count += 1
        stage = Phrase("{codec}, attempt {number}", codec=encoder.title, number=count)
        job.report(stage, 0.9 * (1 - 0.7 ** (count - 1)))
        setting = encoder.values[place]
        start = time.perf_counter()
        data = interruptible(partial(encoder.write, original, setting))
        seconds = time.perf_counter() - start
        job.check()
        value = _value(original, len(data), lambda: Picture.from_bytes(data), at, job.check)
        if best is None or abs(value - wanted) < abs(best.value - wanted):
            best = _Attempt(value, data, setting, seconds)
        return value

    search(attempt, len(encoder.values), wanted, _tolerance(at))
    assert best is not None
    job.report(Phrase("Measuring {format}", format=encoder.title), 0.9)
    start = time.perf_counter()
    picture = Picture.from_bytes(best.data)
    seconds = time.perf_counter() - start
    picture = _seen(picture, original)
    measured = _measure(original, picture, len(best.data), job.check)
    return Contestant(
        encoder.name,
        encoder.title,
        encoder.settings_at(best.setting),
        encoder.suffix,
        best.data,
        picture,
        measured,
        best.seconds,
        seconds,
        _miss(best.value - wanted, at),
    )


def _seen(decoded: Picture, original: Picture) -> Picture:
    """A file's samples with the original's colours; of grey, some formats make RGB."""
    return Picture(decoded.pixels, icc=fitting(original.icc, decoded.channels))


def search(value: Callable[[int], float], count: int, wanted: float, tolerance: float) -> int:
    """The place, 0 to count - 1, whose value is nearest to `wanted` or within `tolerance`; values rise with places.

    False position between the places that are known to lie on either side, halving where there are none yet and
    whenever that was slow: few values, since each costs an encoding.
    """
    low, high, halve = -1, count, True
    known: dict[int, float] = {}
    while high - low > 1:
        span = high - low
        place = (low + high) // 2
        if not halve and known[high] > known[low]:
            place = low + round((wanted - known[low]) / (known[high] - known[low]) * span)
            place = min(max(place, low + 1), high - 1)
        known[place] = value(place)
        if abs(known[place] - wanted) <= tolerance:
            return place
        if known[place] < wanted:
            low = place
        else:
            high = place
        halve = low not in known or high not in known or (not halve and high - low > span // 2)
    return min(known, key=lambda place: abs(known[place] - wanted))


def _wanted(ours: Metrics, at: At) -> float:
    if at == "bytes":
        assert ours.size_bytes is not None
        return math.log(ours.size_bytes)
    value = ours.psnr if at == "psnr" else ours.ms_ssim_db
    if value is None:
        raise HpcmError("For MS-SSIM a picture needs {side} pixels a side at least.", side=metrics.MS_SSIM_MIN_SIDE)
    if math.isinf(value):
        raise HpcmError("The .hpcm file shows the very same samples: no lossy file is equal to that.")
    return value


def _tolerance(at: At) -> float:
    """How far apart two values may be so that none misses more than it may."""
    return math.log1p(TOLERANCE[at]) if at == "bytes" else TOLERANCE[at]


def _miss(apart: float, at: At) -> float:
    """As Contestant has it, from how far apart two values are."""
    return math.expm1(apart) if at == "bytes" else apart


def _value(original: Picture, size: int, decoded: Callable[[], Picture], at: At, check: metrics.Check) -> float:
    """What is searched for: the logarithm of the bytes, PSNR or MS-SSIM in dB."""
    if at == "bytes":
        return math.log(size)
    a, b = original.rgb(), decoded().rgb()
    if at == "psnr":
        return metrics.psnr(a, b)
    structure = metrics.ms_ssim(a, b, check)
    assert structure is not None
    return metrics.ms_ssim_db(structure)


def _measure(original: Picture, picture: Picture, size: int, check: metrics.Check) -> Metrics:
    few = original.width * original.height <= metrics.SSIMULACRA2_MOST_PIXELS
    perceptual = few and find_spec("ssimulacra2") is not None
    return metrics.compare(original, picture, size, perceptual=perceptual, check=check)
