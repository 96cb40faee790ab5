"""The part of a large picture that is in sight, encoded before the whole: what another quality does shows at once.

The part is a picture of its own to the codec, with a margin that is not shown. What the whole comes to there may differ
in the last levels, as the model sees more around it; when that is there, the part goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QRect, QTimer, Signal

from app.canvas.scene import Part
from app.canvas.tiles import pyramid_of
from app.session.document import Shown
from app.ui.translation import tr
from app.ui.words import describe_recipe
from app.worker.tasks import EncodeJob
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from hpcm_core.results import Encoded

LARGE = 3_000_000
"""Pixels of a picture below which the whole is there soon enough."""
MOST = 1_000_000
"""Pixels of a part: at most about a second."""
MARGIN = 64


@dataclass(frozen=True)
class Crop:
    """outer: what is encoded, inner: what is shown of it; pixels of the picture."""

    outer: QRect
    inner: QRect


def crop_of(visible: QRect | None, width: int, height: int) -> Crop | None:
    """What to encode first of a picture of that size; None where it would not pay."""
    if visible is None or visible.isEmpty() or width * height < LARGE:
        return None
    whole = QRect(0, 0, width, height)
    outer = visible.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN).intersected(whole)
    return Crop(outer, visible) if outer.width() * outer.height() <= MOST else None


class PartFirst(QObject):
    """Holds the part until the whole is there, or nobody works on it any more."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.visible: Callable[[], QRect | None] = lambda: None
        """Which pixels of the picture are in sight; the window sets it."""
        self.part: Part | None = None

    def before(
        self,
        original: Shown,
        recipe: Recipe,
        submit: Callable[[EncodeJob, Callable[[Encoded], None]], None],
        then: Callable[[], None],
    ) -> None:
        """Have the part in sight encoded and shown, then go on; at once where there is nothing to gain."""
        self.clear()
        picture = original.picture
        crop = crop_of(self.visible(), picture.width, picture.height)
        if crop is None or recipe.has_target or recipe.quality_map is not None:
            then()
            return

        def done(result: Encoded) -> None:
            assert result.reconstruction is not None
            inside = crop.inner.translated(-crop.outer.topLeft())
            name = tr("Reconstruction") + f" · {describe_recipe(recipe)}, " + tr("the part in sight first")
            self.part = Part(crop.inner, pyramid_of(_cut(result.reconstruction, inside)), name)
            self.changed.emit()
            then()

        submit(EncodeJob(_cut(picture, crop.outer), replace(recipe, embed_preview=False)), done)

    def clear(self) -> None:
        """The whole is there, or will not come."""
        if self.part is not None:
            self.part = None
            self.changed.emit()

    def clear_unless(self, busy: Callable[[], bool]) -> None:
        """The same, unless work goes on with the next thing that this thread does."""
        QTimer.singleShot(0, self, lambda: None if busy() else self.clear())


def _cut(picture: Picture, rect: QRect) -> Picture:
    """A part of a picture in its colours, without what else its file holds."""
    rows, columns = slice(rect.top(), rect.bottom() + 1), slice(rect.left(), rect.right() + 1)
    alpha = None if picture.alpha is None else picture.alpha[rows, columns]
    return Picture(picture.pixels[rows, columns].copy(), None if alpha is None else alpha.copy(), icc=picture.icc)
