"""Documents of figures as JSON that any reader takes."""

from __future__ import annotations

import json
import math

import numpy as np

from hpcm_core import strict_json


def strictly(text):
    """What a reader that follows RFC 8259 to the letter finds."""

    def no_json(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=no_json)


def test_figures_that_are_no_numbers_become_null():
    document = {"a": [math.inf, (1.5, -math.inf)], "b": {"c": math.nan, "d": np.float64("inf")}, "e": 1, "f": "NaN"}
    assert strictly(strict_json.dumps(document)) == {
        "a": [None, [1.5, None]],
        "b": {"c": None, "d": None},
        "e": 1,
        "f": "NaN",
    }
    assert strict_json.dumps({"a": [1]}, indent=1) == json.dumps({"a": [1]}, indent=1)
