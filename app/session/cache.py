"""Results that were made before, by pixels and recipe: going back to an earlier quality shows its result at once."""

from __future__ import annotations

from collections import OrderedDict

from app.session.document import Outcome
from hpcm_core.recipe import Recipe

DEFAULT_BYTES = 256 << 20
"""Memory for results, less what the original takes: dozens of a megapixel each, none beside a hundred megapixels."""


class ResultCache:
    """Keeps outcomes up to a number of bytes; the least recently used go first."""

    def __init__(self, limit: int = DEFAULT_BYTES) -> None:
        self._most = self._limit = limit
        self._all: OrderedDict[tuple[bytes, Recipe], Outcome] = OrderedDict()

    def __len__(self) -> int:
        return len(self._all)

    @property
    def size(self) -> int:
        """Memory of everything that is kept."""
        return sum(outcome.nbytes for outcome in self._all.values())

    def get(self, pixels: bytes, recipe: Recipe) -> Outcome | None:
        """The outcome for a fingerprint and a recipe, if it is kept."""
        outcome = self._all.get((pixels, recipe))
        if outcome is not None:
            self._all.move_to_end((pixels, recipe))
        return outcome

    def recipes(self, pixels: bytes) -> list[Recipe]:
        """Those that there are outcomes of, of that fingerprint, the newest first."""
        return [recipe for of, recipe in reversed(self._all) if of == pixels]

    def put(self, pixels: bytes, recipe: Recipe, outcome: Outcome) -> None:
        """Keep an outcome, or the newer form of one; one that is larger than the whole limit is not kept."""
        self._all.pop((pixels, recipe), None)
        if not pixels or outcome.nbytes > self._limit:
            return
        self._all[pixels, recipe] = outcome
        self._shrink()

    def leave_room(self, size: int) -> None:
        """Keep so many bytes less than the limit, for the picture that is open needs them."""
        self._limit = max(0, self._most - size)
        self._shrink()

    def clear(self) -> None:
        """Forget everything: another device or engine may code differently."""
        self._all.clear()

    def _shrink(self) -> None:
        while self.size > self._limit:
            self._all.popitem(last=False)
