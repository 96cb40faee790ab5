"""One target under Atheris, which looks for bytes that reach new code: `python -m tests.fuzz.guided TARGET FOLDER...`

Further arguments are libFuzzer's. What fails is written as `crash-...` where -artifact_prefix says.
"""

from __future__ import annotations

import sys
from random import Random

import atheris  # type: ignore[import-not-found]

with atheris.instrument_imports(include=["hpcm_core"]):
    from tests.fuzz import targets

from tests.fuzz.damage import KINDS
from tests.fuzz.samples import files, wishing


def with_right_checksums(data: bytes, most: int, seed: int) -> bytes:
    """libFuzzer's own mutations in one of two cases, otherwise those of somebody who knows the format."""
    draw = Random(seed)
    if draw.random() < 0.5:
        return atheris.Mutate(data, most)
    try:
        return draw.choice([*KINDS.values()]).make(draw, data, draw.choice([*files().values(), *wishing().values()]))[
            :most
        ]
    except Exception:  # What is no file any more cannot be taken apart.
        return atheris.Mutate(data, most)


def main() -> None:
    name = sys.argv.pop(1)
    targets.prepare(name)
    options = {"custom_mutator": with_right_checksums} if name in targets.FILES_OF_OURS else {}
    atheris.Setup(sys.argv, targets.TARGETS[name], enable_python_coverage=True, **options)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
