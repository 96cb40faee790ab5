"""The entropy model in integers: identical latents on every machine. docs/exact-arithmetic.md is the specification."""

from hpcm_core.entropy.exact.engine_choice import exact_entropy
from hpcm_core.models.hpcm.exact import ExactEntropy

__all__ = ["ExactEntropy", "exact_entropy"]
