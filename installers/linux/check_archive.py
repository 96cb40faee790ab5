"""The cases of the archive: in a home folder with spaces and letters beyond ASCII, without an administrator."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from check_common import SAMPLE, expect, finished, hostile, put, round_trip, show
from clean_root import PATH, CleanRoot, Display

Case = tuple[str, Callable[[], str | None]]
USER = 1002
HOME = "/home/Zoë Müller Ω"
UNPACKED = f"{HOME}/Téléchargements du jour"
PROGRAM = f"{HOME}/.local/lib/hpcm-studio"


class Checks:
    def __init__(self, kind: str, root: CleanRoot, display: Display, archive: Path, shots: Path) -> None:
        self.kind = kind
        self.root, self.display, self.archive, self.shots = root, display, archive, shots
        self.before: set[str] = set()
        self.folder = ""
        root.add_user("zoe", USER, HOME)

    def unpack(self) -> None:
        if (self.root.folder / "usr/lib/hpcm-studio").exists():
            raise AssertionError("The package is still installed.")
        put(self.root, SAMPLE, f"{HOME}/photo.png", USER)
        target = self.root.folder / UNPACKED[1:]
        target.mkdir()
        subprocess.run(["tar", "-C", target, "-xf", self.archive], check=True)
        subprocess.run(["chown", "-R", f"{USER}:{USER}", target], check=True)
        (top,) = target.iterdir()
        self.folder = f"{UNPACKED}/{top.name}"
        self.before = self.names()

    def names(self) -> set[str]:
        """What is in the home folder, less what a program may keep there for its user."""
        own = (".config/", ".cache/", "photo", "back.png")
        found = self.root.listing(HOME[1:])
        return {name for name in found if not name[len(HOME) :].startswith(own) and UNPACKED[1:] not in name}

    def in_place(self) -> None:
        """Without any installation, and from a folder that it was moved to."""
        moved = f"{UNPACKED}/elsewhere ü"
        (self.root.folder / self.folder[1:]).rename(self.root.folder / moved[1:])
        round_trip(self.root, HOME, f"'{moved}/hpcm-studio/hpcm-studio' --hpcm", USER)
        (self.root.folder / moved[1:]).rename(self.root.folder / self.folder[1:])

    def install(self) -> str:
        for _ in range(2):  # the second time over an installation that is there
            said = expect(self.root.run(f"'{self.folder}/install.sh'", user=USER, environment={"LANG": None})).output
        return said

    def use(self) -> None:
        round_trip(self.root, HOME, "hpcm", USER, environment={"LANG": None})
        expect(self.root.run("cd; xdg-mime query filetype photo.hpcm", user=USER), contains="image/x-hpcm")
        # What xdg-mime makes of a home with spaces in its name is its own affair; desktops read this file.
        cache = self.root.folder / HOME[1:] / ".local/share/applications/mimeinfo.cache"
        if "image/x-hpcm=hpcm-studio.desktop;" not in cache.read_text(encoding="utf-8"):
            raise AssertionError(cache.read_text(encoding="utf-8"))
        expect(self.root.run("cd; hpcm thumbnail photo.hpcm photo-small.png", user=USER))
        finished(self.root, user=USER)

    def entry(self) -> None:
        """The desktop entry of a session that does not look for programs in ~/.local/bin names the program in full."""
        desktop = self.root.folder / HOME[1:] / ".local/share/applications/hpcm-studio.desktop"
        short = desktop.read_text(encoding="utf-8")
        if "\nExec=hpcm-studio %F\n" not in short:
            raise AssertionError(short)
        expect(self.root.run(f"'{self.folder}/install.sh'", user=USER, environment={"PATH": PATH}))
        if f'\nExec="{HOME}/.local/bin/hpcm-studio" %F\n' not in desktop.read_text(encoding="utf-8"):
            raise AssertionError(desktop.read_text(encoding="utf-8"))
        if shutil.which("desktop-file-validate"):
            subprocess.run(["desktop-file-validate", desktop], check=True)
        expect(self.root.run(f"'{self.folder}/install.sh'", user=USER))

    def open_picture(self) -> str:
        script = "cd; xdg-open photo.png; sleep 300"
        return show(self.root, self.display, script, self.shots / f"archive-{self.kind}.png", USER)

    def hostile(self) -> None:
        environment = hostile(self.root, HOME, USER)
        round_trip(self.root, HOME, "hpcm", USER, environment=environment)
        finished(self.root, user=USER, environment=environment)
        shutil.rmtree(self.root.folder / HOME[1:] / "evil")
        shutil.rmtree(self.root.folder / HOME[1:] / ".local/lib/python3.11")

    def interrupted(self) -> None:
        """An installation that was stopped while it copied: the old program works, and the next attempt cleans up."""
        half = self.root.folder / f"{PROGRAM[1:]}.new"
        half.mkdir()
        (half / "hpcm-studio").write_bytes(b"half")
        expect(self.root.run("hpcm --version", user=USER))
        shutil.chown(half, USER, USER)
        expect(self.root.run(f"'{self.folder}/install.sh' && hpcm --version", user=USER))
        if half.exists():
            raise AssertionError("What an interrupted installation left is still there.")

    def refusals(self) -> None:
        """Mistakes end in a sentence."""
        expect(self.root.run(f"'{self.folder}/install.sh' --to /usr/lib/x", user=USER), 1, "cannot be")
        expect(self.root.run(f"'{self.folder}/install.sh' --to '{HOME}'", user=USER), 1, "is not HPCM Studio")
        expect(self.root.run(f"'{self.folder}/install.sh'", user=USER, environment={"HOME": None}), 1, "no home folder")
        expect(self.root.run(f"'{self.folder}/install.sh' --to '{UNPACKED}/other'", user=USER))
        round_trip(self.root, HOME, f"'{UNPACKED}/other/hpcm-studio' --hpcm", USER)

    def remove(self) -> None:
        expect(self.root.run(f"'{self.folder}/uninstall.sh'", user=USER))
        if left := self.names() - self.before:
            raise AssertionError(f"Left behind: {sorted(left)[:10]}")
        expect(self.root.run(f"'{self.folder}/uninstall.sh'", user=USER), 1, "is not installed")


def cases(kind: str, root: CleanRoot, display: Display, archive: Path, shots: Path) -> list[Case]:
    """In their order: each begins where the one before it ended."""
    checks = Checks(kind, root, display, archive, shots)
    found: list[Case] = [
        ("archive: unpack", checks.unpack),
        ("archive: runs from where it lies, and from elsewhere", checks.in_place),
        ("archive: install, twice", checks.install),
        ("archive: commands, types, thumbnail, window", checks.use),
        ("archive: desktop entry with a quoted path", checks.entry),
        ("archive: xdg-open shows a picture", checks.open_picture),
        ("archive: hostile PYTHONPATH, PYTHONHOME, user site", checks.hostile),
        ("archive: an interrupted installation", checks.interrupted),
        ("archive: mistakes end in a sentence", checks.refusals),
        ("archive: uninstall leaves nothing", checks.remove),
    ]
    return [(f"{kind} {name}", case) for name, case in found]
