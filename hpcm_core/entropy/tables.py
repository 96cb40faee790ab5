"""The tables that every file is coded with: literal data, so that they depend on no library's functions. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcm_core.resources import resource


@dataclass(frozen=True, eq=False)
class CdfTables:
    """Cumulative frequencies, one row a table: int32 TxL from 0 to 65536, then padding; a row's last symbol is the
    escape.
    """

    cdf: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int32]


@cache
def standard_tables() -> CdfTables:
    """The 60 standard tables; ggm.build_tables made them."""
    data = _data()
    return CdfTables(data["cdf"], data["lengths"], data["offsets"])


@cache
def scale_table() -> npt.NDArray[np.float64]:
    """The scales of the 60 standard tables, rising."""
    return _data()["scale_table"].astype(np.float64)


@cache
def scale_thresholds() -> npt.NDArray[np.float32]:
    """The first 59 scales of the standard tables, float32, rising: a scale's table is the number of those below it."""
    first: npt.NDArray[np.float32] = _data()["scale_table"][:-1]
    return first


@cache
def _data() -> dict[str, npt.NDArray[Any]]:
    with np.load(resource("ggm_tables.npz"), allow_pickle=False) as data:
        return dict(data)
