"""A training run as data: which networks, which recipe, how long. Importing this module does not import torch."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, replace
from typing import Any

from hpcm_core.errors import InvalidRecipe
from hpcm_core.format.header import MAX_NAME
from hpcm_core.models.published import model_name
from hpcm_core.models.registry import METRICS, config_of, is_trainable, trainable, variants
from hpcm_core.models.trainable import TrainableFamily

LAMBDAS = {
    "mse": (0.0018, 0.0035, 0.0067, 0.013, 0.025, 0.0483),
    "ms-ssim": (2.4, 4.58, 8.73, 16.64, 31.73, 60.5),
}
"""The paper's Lagrangian weights, one model each."""

STEP_DROPS = ((0.8, 0.2), (0.9, 0.05), (0.95, 0.01))
"""The paper's schedule: from this part of the run on, this factor on the learning rate (1e-4, 2e-5, 5e-6, 1e-6)."""

SCHEDULES = ("steps", "cosine")
PRECISIONS = ("bfloat16", "float32")
STARTS = ("linear", "random")
PARTS = ("all", "entropy", "synthesis")
"""What of a network moves: everything, what codes the latents of a given g_a, or g_s with its gains."""
COMPILE_MODES = ("off", "graph", "default", "reduce-overhead", "max-autotune")
"""Of torch.compile, and "graph", a CUDA graph of a step; a way to compute, no part of the configuration."""
OPTIMIZERS = {"soap": (0.95, 0.99), "adamw": (0.9, 0.999)}
"""With their decays a step of the means of gradients and of their squares."""

_BUDGET = frozenset({"steps", "minutes"})


@dataclass(frozen=True)
class TrainingConfig:
    """What a run's result depends on, the pictures aside. Raises InvalidRecipe for values that cannot be trained.

    The loss of a picture is lambda * D + bits per pixel, D = 255^2 MSE or 1 - MS-SSIM; of a model without loss,
    bits per sample. The paper's recipe is `paper(variant, lmbda)`; the defaults are a short recipe for a variable-rate
    model.
    """

    variant: str = "lite"
    metric: str = "mse"
    lambdas: tuple[float, ...] = ()
    """Rows of a variable-rate model's gain tables, or the one lambda of any other; () takes the variant's own rows."""

    steps: int = 0
    """Length of the run in optimizer steps; 0 leaves it to `minutes`."""
    minutes: float = 0.0
    """Length in minutes, those before an interruption included; 0 leaves it to `steps`. With both, whichever ends
    first."""

    crop: int = 256
    """Side of a training crop, a multiple of the least that the variant pads pictures to (64 pixels, or 256) and 256
    at least; any without loss.
    """
    batch: int = 16
    """Crops a step, over all processes together."""
    late_crop: int = 0
    """Side of the crops in the last part of the run, 0 for no change: attention and context see more of a picture."""
    late_batch: int = 4
    late_from: float = 0.85

    zoom: float = 1.0
    """Crops are reduced from squares of up to this times their side: pictures seen from farther away."""
    recolour: float = 0.0
    """Part of the crops whose channels are exchanged and whose colours and tones are stronger or weaker."""
    grain: float = 0.0
    """Part of the crops with grain over them."""
    half_colour: float = 0.0
    """Part of the crops whose colour differences are as coarse as half their side would show, as in most photographs at
    their full size."""

    optimizer: str = "soap"
    """"soap" needs far fewer steps (training/soap.py), "adamw" is what papers use."""
    learning_rate: float = 4e-4
    schedule: str = "cosine"
    warmup: int = 100
    """Steps over which the learning rate rises from nothing: Adam's first steps know little of the gradients' size."""
    hold: float = 0.3
    """Cosine: part of the run at the full rate."""
    tail: float = 0.15
    """Cosine: last part of the run at the lowest rate, where averaging does its work."""
    floor: float = 0.01
    """Cosine: lowest rate as a part of `learning_rate`."""
    weight_decay: float = 0.0
    betas: tuple[float, ...] = ()
    """() takes the optimizer's own."""
    clip: float = 1.0
    """Largest norm of the gradient."""
    ema: float = 0.999
    """Decay a step of the averaged weights, which are what is validated and exported."""

    balance: float = 0.5
    """Variable rate: a sample's loss is weighted with lambda^-balance, or high rates would drown the low ones."""
    skew: float = 1.0
    """Variable rate: log lambda is low + (high - low) u^skew, u uniform; below 1 favours high rates."""

    ms_ssim_part: float = 0.0
    """MSE: part of the distortion that is MS-SSIM of luma instead, at its own lambdas' weight."""

    chroma: float = 0.0
    """MSE: what the squared errors of Cb and Cr (ITU-R BT.709) add to the distortion, both together; part of 255^2."""

    part: str = "all"
    """What is trained: "all", or with the rest as it is "entropy" or "synthesis", for several times as many crops."""

    perceptual: bool = False
    """MSE: the distortion is the perceptual stage's (training/perceptual.py) instead. From weights trained for MSE."""
    natural: bool = False
    """MSE, "synthesis": g_s learns the natural look (training/natural.py). From weights trained for MSE."""
    highest: float = 0.0
    """Variable rate: crops have lambdas up to this one; 0 for all. What lies above is not trained."""

    precision: str = "bfloat16"
    """Of convolutions, attention and SOAP's turns; latents, likelihoods and weights are float32."""
    start: str = "linear"
    """"linear" begins from principal components of the training pictures, "random" from the usual random weights."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("lambdas", "betas"):
            object.__setattr__(self, name, tuple(float(value) for value in getattr(self, name)))
        if config_of(self.variant) is None:
            raise InvalidRecipe(
                "There is no variant called {variant!r}; there are {names}.",
                variant=self.variant,
                names=", ".join(variants()),
            )
        if not is_trainable(self.variant):
            raise InvalidRecipe("The weights of {variant} are made from others and not trained.", variant=self.variant)
        for name, value, known in (
            ("metric", self.metric, METRICS),
            ("optimizer", self.optimizer, OPTIMIZERS),
            ("schedule", self.schedule, SCHEDULES),
            ("precision", self.precision, PRECISIONS),
            ("start", self.start, STARTS),
            ("part", self.part, PARTS),
        ):
            if value not in known:
                raise InvalidRecipe(
                    "The {name} must be one of {names}, not {value!r}.", name=name, names=", ".join(known), value=value
                )
        self._check_lambdas()
        self._check_numbers()
        if self.lossless:
            self._check_lossless()
        name = model_name(self.variant, self.metric, self.lambdas[0] if self.fixed_rate else None)
        if len(name) > MAX_NAME:
            raise InvalidRecipe(
                "Files could not name the model {name}: they have room for {most} characters.", name=name, most=MAX_NAME
            )
        if not self.betas:
            object.__setattr__(self, "betas", OPTIMIZERS[self.optimizer])

    def _check_lambdas(self) -> None:
        own = self._config.rate_lambdas
        if own and not self.lambdas:
            object.__setattr__(self, "lambdas", own)
        if not all(0 < value < math.inf for value in self.lambdas):
            raise InvalidRecipe("Every lambda must be a positive number.")
        if own and (len(self.lambdas) < 2 or list(self.lambdas) != sorted(set(self.lambdas))):
            raise InvalidRecipe("The model {variant} takes two or more lambdas in rising order.", variant=self.variant)
        if self.fixed_rate and len(self.lambdas) != 1:
            raise InvalidRecipe(
                "The model {variant} is trained for one lambda; {count} were given.",
                variant=self.variant,
                count=len(self.lambdas),
            )

    def _check_numbers(self) -> None:
        for side in (self.crop, self.late_crop):
            unit, least = (self._config.stride * of(self._config.units) for of in (min, max))
            if side and (side % unit or side < least):
                raise InvalidRecipe(
                    "Crops must be multiples of {unit} pixels a side, {least} at least, not {side}.",
                    unit=unit,
                    least=least,
                    side=side,
                )
        if not self.crop:
            raise InvalidRecipe("Crops must have a size.")
        for name in ("batch", "late_batch", "learning_rate", "clip", "skew"):
            value = getattr(self, name)
            if not 0 < value < math.inf:
                raise InvalidRecipe("{name} must be positive, not {value}.", name=_in_words(name), value=value)
        for name in ("steps", "minutes", "warmup", "weight_decay", "balance", "chroma"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise InvalidRecipe("{name} must be 0 or more, not {value}.", name=_in_words(name), value=value)
        if self.ms_ssim_part and (self.metric != "mse" or self.perceptual):
            raise InvalidRecipe("Only a training for MSE takes a part of MS-SSIM.")
        if self.chroma and (self.metric != "mse" or self.perceptual):
            raise InvalidRecipe("Only a training for MSE weighs chroma.")
        if self.perceptual and self.metric != "mse":
            raise InvalidRecipe("The perceptual stage continues a training for MSE.")
        if self.natural and (self.metric != "mse" or self.part != "synthesis" or not self.variable_rate):
            raise InvalidRecipe("The natural look is trained for the synthesis of a model of variable rate for MSE.")
        if self.natural and (self.perceptual or self.ms_ssim_part or self.chroma):
            raise InvalidRecipe("The natural look has a loss of its own.")
        if self.highest and not (self.variable_rate and self.lambdas[0] < self.highest <= self.lambdas[-1]):
            raise InvalidRecipe("The highest lambda must lie among those of a model of variable rate.")
        if not 1 <= self.zoom < math.inf:
            raise InvalidRecipe("Zoom must be 1 or more, not {zoom}.", zoom=self.zoom)
        for name in ("recolour", "grain", "half_colour", "ms_ssim_part", "late_from", "hold", "tail", "floor", "ema"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidRecipe("{name} must be between 0 and 1.", name=_in_words(name))
        if self.hold + self.tail > 1 or self.ema == 1:
            raise InvalidRecipe("Hold and tail must leave room between them, and the average must move.")
        if self.betas and (len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas)):
            raise InvalidRecipe("Betas must be two numbers from 0 up to, not including, 1.")
        if not self.steps and not self.minutes:
            raise InvalidRecipe("A run needs a number of steps or of minutes.")

    def _check_lossless(self) -> None:
        if self.lambdas:
            raise InvalidRecipe("The model {variant} keeps every pixel and takes no lambda.", variant=self.variant)
        distortion = self.metric != "mse" or self.ms_ssim_part or self.chroma or self.perceptual
        if distortion or self.part != "all":
            raise InvalidRecipe(
                "The model {variant} keeps every pixel: it has no distortion to choose, and is trained as a whole.",
                variant=self.variant,
            )

    @property
    def _config(self) -> Any:
        return trainable(self.variant)[1]

    @property
    def variable_rate(self) -> bool:
        """One model for a range of lambdas, or one for each."""
        return bool(self._config.rates == "variable")

    @property
    def fixed_rate(self) -> bool:
        """A model for each lambda."""
        return bool(self._config.rates == "fixed")

    @property
    def lossless(self) -> bool:
        """A model that keeps every sample: it has no rates, and its loss is bits alone."""
        return bool(self._config.rates == "none")

    @property
    def family(self) -> TrainableFamily:
        """Who builds and runs the variant's networks."""
        return trainable(self.variant)[0]

    @property
    def network(self) -> Any:
        """The variant's configuration with the rows of this run."""
        config = self._config
        return replace(config, rate_lambdas=self.lambdas) if self.variable_rate else config

    def learning_rate_at(self, progress: float, step: int) -> float:
        """At a part 0 to 1 of the run and, for the warm-up, an absolute step from 0."""
        rate = self.learning_rate * min(1.0, (step + 1) / max(self.warmup, 1))
        if self.schedule == "steps":
            return rate * min((factor for start, factor in STEP_DROPS if progress >= start), default=1.0)
        width = 1 - self.hold - self.tail
        fall = min(max((progress - self.hold) / width, 0.0), 1.0) if width > 0 else float(progress >= self.hold)
        return rate * (self.floor + (1 - self.floor) * (1 + math.cos(math.pi * fall)) / 2)

    def crops_at(self, progress: float) -> tuple[int, int]:
        """Side and number of the crops of a step."""
        late = self.late_crop and progress >= self.late_from
        return (self.late_crop, self.late_batch) if late else (self.crop, self.batch)

    def to_json(self) -> str:
        """Indented JSON that `from_json` reads back."""
        return json.dumps(dataclasses.asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str | bytes) -> TrainingConfig:
        """Raises InvalidRecipe where the text is no configuration."""
        try:
            values: Any = json.loads(text)
            return cls(**values)
        except (ValueError, TypeError, RecursionError):
            raise InvalidRecipe("The training configuration is damaged.") from None

    def resumed(self, **changes: Any) -> TrainingConfig:
        """This run with another budget. Raises InvalidRecipe for a change of anything else: it would be another run."""
        for name, value in changes.items():
            before = getattr(self, name)
            if name not in _BUDGET and value != before:
                raise InvalidRecipe(
                    "The run to resume has {name} {before}, not {value}; start a new run, from its "
                    "weights with --init if you like.",
                    name=name.replace("_", " "),
                    before=before,
                    value=value,
                )
        return replace(self, **changes)


def _in_words(name: str) -> str:
    """An option as a sentence begins with it; its name is the same in every language."""
    return name.replace("_", " ").capitalize()


def paper(variant: str, lmbda: float, metric: str = "mse") -> TrainingConfig:
    """The recipe of the paper: 2 million steps of 32 crops of 256x256, Adam from 1e-4 falling in steps."""
    return TrainingConfig(
        variant=variant,
        metric=metric,
        lambdas=(lmbda,),
        steps=2_000_000,
        batch=32,
        optimizer="adamw",
        learning_rate=1e-4,
        schedule="steps",
        warmup=0,
        balance=0.0,
        start="random",
    )
