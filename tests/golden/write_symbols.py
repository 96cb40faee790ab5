"""Write the symbols of the bundled weights: `python -m tests.golden.write_symbols`, with every change of the weights.

What comes from formula weights never changes; a difference there is an error of the networks, not a reason to write.
"""

from __future__ import annotations

import json

from tests.hpcm_core.models.hpcm.test_network import SMALL_GOLDEN, symbol_hashes


def main() -> None:
    golden = json.loads(SMALL_GOLDEN.read_text())
    for case in ("first lite", "base-psi"):
        assert symbol_hashes(case) == golden[case], f"This version computes other symbols for {case}."
    golden["lite"] = symbol_hashes("lite")
    SMALL_GOLDEN.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
