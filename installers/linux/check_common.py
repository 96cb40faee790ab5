"""What the checks of the package and of the archive share."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
from clean_root import CleanRoot, Display, Done, colours_of
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "installers"))
import formats  # noqa: E402

SAMPLE = ROOT / "resources" / "samples" / "chelsea.png"
WINDOW_GOAL = 4.0
"""Seconds from the start to the window on a machine with nothing else to do; reported, and gated at LIMIT."""
WINDOW_LIMIT = 60.0
PHOTOGRAPH = 10_000
"""Colours on a screen that shows a photograph; a window without one has some hundreds."""

NEEDS_FULL = (
    "The model base-mse-0.013 needs PyTorch, which is not part of this installation. "
    "Install the full HPCM Studio in its place: hpcm-studio instead of hpcm-studio-small."
)
HOSTILE = "raise SystemExit('a foreign module was loaded')\n"
FOREIGN_MODULES = (
    "sitecustomize",
    "usercustomize",
    "json",
    "numpy",
    "torch",
    "app",
    "hpcm_core",
    "PySide6",
    "encodings",
)


def expect(done: Done, status: int = 0, contains: str = "") -> Done:
    """Raise AssertionError unless the command ended so; nobody is ever shown a traceback."""
    if done.status != status or contains not in done.output or "Traceback" in done.output:
        raise AssertionError(
            f"status {done.status}, wanted {status} and {contains!r}; it printed:\n{done.output[-2000:]}"
        )
    return done


def put(root: CleanRoot, source: Path | bytes, target: str, owner: int = 1000) -> None:
    """Put a file of a user's own into the root."""
    path = root.folder / target.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(source, bytes):
        path.write_bytes(source)
    else:
        shutil.copy(source, path)
    folder = path
    while folder.parent != root.folder / "home" and folder != root.folder:
        shutil.chown(folder, owner, owner)
        folder = folder.parent


def hostile(root: CleanRoot, home: str, owner: int = 1000) -> dict[str, str]:
    """Fill a user's home with modules that end whoever imports them; returns the environment that points there."""
    evil = f"{home}/evil"
    for folder in (evil, f"{home}/.local/lib/python3.11/site-packages"):
        for name in FOREIGN_MODULES:
            put(root, HOSTILE.encode(), f"{folder}/{name}.py", owner)
        put(root, b"import sitecustomize\n", f"{folder}/evil.pth", owner)
    python = {
        "PYTHONPATH": evil,
        "PYTHONHOME": evil,
        "PYTHONSTARTUP": f"{evil}/app.py",
        "PYTHONUSERBASE": f"{home}/.local",
    }
    more = {"PYTHONINSPECT": "1", "PYTHONOPTIMIZE": "2", "PYTHONBREAKPOINT": "evil", "PYTHONPLATLIBDIR": "evil"}
    return python | more | {"QT_PLUGIN_PATH": evil, "QT_QPA_PLATFORM_PLUGIN_PATH": evil}


def show(root: CleanRoot, display: Display, script: str, shot: Path, user: int = 1000, **more: object) -> str:
    """Start a window, wait until its work is done, keep a picture of the screen; says how fast the window was there."""
    import time

    started = time.monotonic()
    with root.start(script, user=user, **more) as process:  # type: ignore[arg-type]
        try:
            if not display.wait_for_window(WINDOW_LIMIT):
                process.kill()
                raise AssertionError(f"no window within {WINDOW_LIMIT:.0f} s:\n{process.communicate()[0][-2000:]}")
            seconds = time.monotonic() - started
            display.wait_for_colours(PHOTOGRAPH, seconds=300)  # the codec has to load and decode
            pixels = display.wait_for_rest(quiet=25, seconds=200)
        finally:
            process.kill()
    Image.fromarray(pixels).save(shot)
    display.wait_for_rest(quiet=0.5, seconds=5)
    if (colours := colours_of(pixels)) < PHOTOGRAPH:
        raise AssertionError(f"no photograph on the screen ({colours} colours); see {shot}")
    return f"window after {seconds:.1f} s (goal {WINDOW_GOAL:.0f} s on an idle machine), {shot.name}"


def picks_base(kind: str, root: CleanRoot, folder: str, command: str = "hpcm", user: int = 1000) -> str:
    """A model that is not bundled: the full one tells where to get it, the small one which program has it."""
    sentence = NEEDS_FULL if kind == "small" else "The model base-mse-0.013 is not installed. This downloads it"
    script = f"cd '{folder}'; {command} encode -f photo.png -o base.hpcm --model base --lambda 0.013"
    expect(root.run(script, user=user), 1, sentence)
    if kind == "small":
        expect(root.run(f"cd '{folder}'; {command} train . -o out --steps 1", user=user), 2, NEEDS_FULL.split(". ")[1])
    return sentence


def finished(root: CleanRoot, program: str = "hpcm-studio", user: int = 1000, **more: object) -> Done:
    """Let the window open the sample, encode it and take its own picture: it says 0 only if there is a result."""
    script = f"{program} --sample --screenshot /tmp/own-{user}.png"
    return expect(root.run(script, user=user, **more))  # type: ignore[arg-type]


def every_format(root: CleanRoot, folder: str, command: str = "hpcm", user: int = 1000) -> str:
    """Write and read one picture of each format; photo.hpcm is in the folder."""
    for kind, data in formats.READ.items():
        put(root, data, f"{folder}/only.{kind}", user)
    steps = [f"cd '{folder}'", *(f"{command} {' '.join(arguments)}" for arguments in formats.commands())]
    expect(root.run(" && ".join(steps), user=user, timeout=600))
    return ", ".join((*formats.WRITTEN, *formats.READ))


def round_trip(root: CleanRoot, folder: str, command: str = "hpcm", user: int = 1000, **more: object) -> str:
    """Encode and decode from inside a folder, and compare."""
    steps = (
        f"cd '{folder}'",
        f"{command} encode -f photo.png -o photo.hpcm --preview --no-metrics",
        f"{command} info photo.hpcm",
        f"{command} decode -f photo.hpcm -o back.png",
    )
    expect(root.run(" && ".join(steps), user=user, **more), contains="preview")  # type: ignore[arg-type]
    with Image.open(root.folder / folder.lstrip("/") / "back.png") as back, Image.open(SAMPLE) as photo:
        error = np.asarray(back.convert("RGB"), np.float64) - np.asarray(photo.convert("RGB"), np.float64)
    psnr = float(10 * np.log10(255**2 / np.mean(error**2)))
    if psnr < 30:
        raise AssertionError(f"The decoded picture is another: {psnr:.1f} dB.")
    return f"{psnr:.1f} dB"
