"""JSON that every reader takes: RFC 8259 knows no infinity and no NaN, which Python writes all the same."""

from __future__ import annotations

import json
import math
from typing import Any


def dumps(document: Any, indent: int | None = None) -> str:
    """A document of dicts, lists, tuples, texts and numbers. A figure that is no finite number becomes null: so does
    the PSNR of equal pictures, which is infinite.
    """
    return json.dumps(_finite(document), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value
