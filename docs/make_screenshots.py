"""Make the pictures of the documentation: the real window and codec, a sample photograph, a virtual display."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SHOTS = {
    "window.png": ("wipe", "light"),
    "side-by-side.png": ("side", "light"),
    "bits.png": ("bits", "dark"),
    "difference.png": ("difference", "dark"),
}


def main() -> int:
    display = [] if os.environ.get("DISPLAY") else ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]
    if display and shutil.which("xvfb-run") is None:
        print("A virtual display is needed, on Debian and Ubuntu: sudo apt-get install xvfb")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, (view, theme) in SHOTS.items():
        command = [sys.executable, "-m", "app", "--sample", "--view", view, "--theme", theme, "--size", "1600x1000"]
        subprocess.run([*display, *command, "--screenshot", str(IMAGES / name)], cwd=ROOT, check=True)
        print(f"wrote docs/images/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
