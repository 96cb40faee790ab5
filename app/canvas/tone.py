"""Looking at a channel alone, brighter or darker: what is done to the colours of the screen, never to samples."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.ui.translation import QT_TR_NOOP, number, tr

Pixels = npt.NDArray[np.uint8]


class Channel(Enum):
    """What of the colours is shown; all but ALL as grey."""

    ALL = "all"
    RED = "red"
    GREEN = "green"
    BLUE = "blue"
    LUMA = "luma"
    CB = "cb"
    CR = "cr"


CHANNEL_NAMES = {
    Channel.ALL: QT_TR_NOOP("All channels"),
    Channel.RED: QT_TR_NOOP("Red"),
    Channel.GREEN: QT_TR_NOOP("Green"),
    Channel.BLUE: QT_TR_NOOP("Blue"),
    Channel.LUMA: QT_TR_NOOP("Luma"),
    Channel.CB: "Cb",
    Channel.CR: "Cr",
}
_ROWS = {
    Channel.RED: (1.0, 0.0, 0.0),
    Channel.GREEN: (0.0, 1.0, 0.0),
    Channel.BLUE: (0.0, 0.0, 1.0),
    Channel.LUMA: (0.2126, 0.7152, 0.0722),
    # ITU-R BT.709: (B' - Y') / 1.8556 and (R' - Y') / 1.5748, around the middle.
    Channel.CB: (-0.2126 / 1.8556, -0.7152 / 1.8556, 0.5),
    Channel.CR: (0.5, -0.7152 / 1.5748, -0.0722 / 1.5748),
}


@dataclass(frozen=True)
class Tone:
    """exposure in stops (EV), of linear light; gamma above 1 lightens the dark parts."""

    channel: Channel = Channel.ALL
    exposure: float = 0.0
    gamma: float = 1.0

    @property
    def is_plain(self) -> bool:
        """Whether everything is shown as it is."""
        return self == PLAIN

    @property
    def words(self) -> str:
        """What differs from plain, for a label; empty where nothing does."""
        parts = [tr(CHANNEL_NAMES[self.channel])] if self.channel is not Channel.ALL else []
        if self.exposure:
            parts.append(number(self.exposure, "+.1f") + " EV")
        if self.gamma != 1:
            parts.append("γ " + number(self.gamma, ".2f"))
        return " · ".join(parts)

    def apply(self, pixels: Pixels) -> Pixels:
        """H x W x C of the screen's colours (1 grey, 3 RGB, 4 with alpha, which stays) as they are to be shown."""
        table = _table(self.exposure, self.gamma)
        colours, alpha = pixels[:, :, :3], pixels[:, :, 3:]
        if colours.shape[2] == 3 and self.channel is not Channel.ALL:
            plane = colours.astype(np.float32) @ np.array(_ROWS[self.channel], np.float32)
            plane += 127.5 if self.channel in (Channel.CB, Channel.CR) else 0
            grey = np.rint(plane).clip(0, 255).astype(np.uint8)[:, :, None]
            colours = np.repeat(grey, 3, axis=2) if alpha.shape[2] else grey
        shown = table[colours]
        return np.concatenate((shown, alpha), axis=2) if alpha.shape[2] else shown


PLAIN = Tone()


@lru_cache(maxsize=8)
def _table(exposure: float, gamma: float) -> Pixels:
    """The 256 levels after exposure and gamma, through sRGB's curve and back."""
    level = np.arange(256) / 255
    light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4) * 2.0**exposure
    curve = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * curve.clip(0, 1) ** (1 / gamma)), dtype=np.uint8)
