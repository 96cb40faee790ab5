"""The cases of the Debian package."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from check_common import SAMPLE, every_format, expect, finished, hostile, picks_base, put, round_trip, show
from clean_root import CleanRoot, Display
from PIL import Image

Case = tuple[str, Callable[[], str | None]]
ANNA, BERT, NOBODY = 1000, 1001, 4242
HOME = "/home/anna"
INSIDE = "usr/lib/hpcm-studio"
OLDER = "0.0.1"
INSTALL = "apt-get -qq --yes --no-install-recommends -o Dpkg::Options::=--force-confnew install"


def older(package: Path, folder: Path) -> Path:
    """The same package as an older version, with a file that the newer one has not."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", package, folder], check=True)
    control = folder / "DEBIAN/control"
    lines = control.read_text().splitlines()
    control.write_text("\n".join(f"Version: {OLDER}" if line.startswith("Version:") else line for line in lines) + "\n")
    (folder / INSIDE / "_internal/obsolete.so").write_bytes(b"gone after the upgrade")
    target = folder.with_suffix(".deb")
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "-b", folder, target], check=True, stdout=subprocess.DEVNULL
    )
    shutil.rmtree(folder)
    return target


class Checks:
    def __init__(self, kind: str, root: CleanRoot, display: Display, package: Path, work: Path, shots: Path) -> None:
        self.kind, self.name = kind, package.name.partition("_")[0]
        self.root, self.display, self.package, self.work, self.shots = root, display, package, work, shots
        self.before: dict[str, tuple[int, float]] = {}
        self.installed: dict[str, tuple[int, float]] = {}
        root.add_user("anna", ANNA, HOME)
        root.add_user("bert", BERT, "/home/bert")
        put(root, SAMPLE, f"{HOME}/Pictures/photo.png")
        put(root, SAMPLE, "/home/bert/photo.png", BERT)

    def dependencies(self) -> str:
        """What the package depends on comes first, so that its own files can be told from theirs."""
        shutil.copy(self.package, self.root.folder / "new.deb")
        old = older(self.package, self.work / "older")
        shutil.move(old, self.root.folder / "old.deb")
        asked = subprocess.run(["dpkg-deb", "-f", self.package, "Depends"], capture_output=True, text=True, check=True)
        names = " ".join(part.split()[0] for part in asked.stdout.split(","))
        expect(self.root.run(f"apt-get -qq update; {INSTALL} {names}", user=0, network=True, timeout=600))
        self.before = self.root.listing("usr", "etc", "opt", "lib", "bin", "home")
        if any("bin/python" in name for name in self.before):
            raise AssertionError("There is a Python in the clean root.")
        return f"{len(names.split())} packages"

    def install_older(self) -> None:
        expect(self.root.run(f"{INSTALL} /old.deb", user=0, timeout=600))
        self.round_trip()

    def upgrade(self) -> None:
        expect(self.root.run(f"{INSTALL} /new.deb", user=0, timeout=600))
        if (self.root.folder / INSIDE / "_internal/obsolete.so").exists():
            raise AssertionError("A file of the older version is left.")
        expect(self.root.run(f"dpkg --verify {self.name} && dpkg -s {self.name} | grep -q 'ok installed'", user=0))
        self.installed = self.root.listing(INSIDE)

    def every_format(self) -> str:
        return every_format(self.root, f"{HOME}/Pictures")

    def picks_base(self) -> str:
        return picks_base(self.kind, self.root, f"{HOME}/Pictures")

    def window_with_base(self) -> str:
        """For a person to look at: the settings of a user who chose Base before."""
        recipe = '{\\"version\\": 1, \\"model\\": \\"base\\", \\"lambda\\": 0.013, \\"metric\\": \\"mse\\"}'
        put(self.root, f'[recipe]\nlast="{recipe}"\n'.encode(), f"{HOME}/.config/hpcm-studio/settings.ini")
        script = f"hpcm-studio --language de {HOME}/Pictures/photo.png; sleep 300"
        shot = show(self.root, self.display, script, self.shots / f"deb-{self.kind}-base.png")
        (self.root.folder / HOME[1:] / ".config/hpcm-studio/settings.ini").unlink()
        return shot

    def types(self) -> None:
        put(self.root, (self.root.folder / f"{HOME[1:]}/Pictures/photo.hpcm").read_bytes(), f"{HOME}/nameless")
        for name in ("Pictures/photo.hpcm", "nameless"):
            expect(self.root.run(f"cd; xdg-mime query filetype {name}"), contains="image/x-hpcm")
        expect(self.root.run("xdg-mime query default image/x-hpcm"), contains="hpcm-studio.desktop")

    def round_trip(self) -> str:
        return round_trip(self.root, f"{HOME}/Pictures")

    def hostile(self) -> None:
        environment = hostile(self.root, HOME)
        finished(self.root, environment=environment)
        # Python looks into the folder it was started in first; the program must not.
        put(self.root, SAMPLE, f"{HOME}/evil/photo.png")
        round_trip(self.root, f"{HOME}/evil", environment=environment)
        shutil.rmtree(self.root.folder / HOME[1:] / "evil")
        shutil.rmtree(self.root.folder / HOME[1:] / ".local/lib")

    def thumbnail(self) -> str:
        script = (
            "cd; LD_DEBUG=files LD_DEBUG_OUTPUT=/tmp/loaded hpcm thumbnail --size 128 Pictures/photo.hpcm small.png"
        )
        done = expect(self.root.run(script))
        loaded = "".join(path.read_text(errors="replace") for path in (self.root.folder / "tmp").glob("loaded.*"))
        if "libpython" not in loaded or "libtorch" in loaded:
            raise AssertionError("The thumbnailer loaded torch.")
        with Image.open(self.root.folder / HOME[1:] / "small.png") as image:
            if max(image.size) != 128:
                raise AssertionError(f"The thumbnail is {image.size}.")
        return f"{done.seconds:.1f} s"

    def open_picture(self) -> str:
        return show(
            self.root,
            self.display,
            f"xdg-open {HOME}/Pictures/photo.png; sleep 300",
            self.shots / f"deb-{self.kind}.png",
        )

    def open_compressed(self) -> str:
        return show(
            self.root,
            self.display,
            f"xdg-open {HOME}/Pictures/photo.hpcm; sleep 300",
            self.shots / f"deb-{self.kind}-hpcm.png",
        )

    def sample(self) -> None:
        finished(self.root)

    def damaged_settings(self) -> None:
        for junk in (bytes(range(256)) * 40, b"[window]\ngeometry=@ByteArray(\xff\xfe\n[view]\nzoom=@Invalid()\n["):
            put(self.root, junk, f"{HOME}/.config/hpcm-studio/settings.ini")
            finished(self.root)

    def homeless(self) -> None:
        for user, home in ((ANNA, None), (NOBODY, "/nowhere"), (NOBODY, None)):
            finished(self.root, user=user, environment={"HOME": home})
            put(self.root, SAMPLE, "/tmp/pictures/photo.png", user)
            shutil.chown(self.root.folder / "tmp/pictures", user, user)
            (self.root.folder / "tmp").chmod(0o1777)
            shutil.chown(self.root.folder / "tmp", 0, 0)
            round_trip(self.root, "/tmp/pictures", user=user, environment={"HOME": home})
            shutil.rmtree(self.root.folder / "tmp/pictures")

    def read_only(self) -> None:
        round_trip(self.root, f"{HOME}/Pictures", readonly=True)
        finished(self.root, readonly=True)

    def two_users(self) -> None:
        windows = [
            self.root.start(f"hpcm-studio {picture}", user=user)
            for user, picture in ((ANNA, f"{HOME}/Pictures/photo.png"), (BERT, "/home/bert/photo.png"))
        ]
        try:
            time.sleep(25)
            if any(window.poll() is not None for window in windows):
                raise AssertionError("One of two users' windows did not stay.")
            for user in (ANNA, BERT):
                expect(self.root.run("hpcm-studio", user=user, timeout=30))  # Goes to the window that is open.
        finally:
            for window in windows:
                window.kill()
                window.communicate()

    def unfinished_upgrade(self) -> str:
        """What dpkg leaves when it is stopped on the way from one version to the other."""
        manifest = self.root.folder / INSIDE / "_internal/MANIFEST"
        whole = manifest.read_bytes()
        manifest.write_bytes(b"0.0.1+older\n" + whole.split(b"\n", 1)[1])
        sentence = expect(self.root.run("hpcm --version"), 1, "An upgrade of HPCM Studio was not finished").output
        manifest.write_bytes(whole)
        (library,) = (self.root.folder / INSIDE / "_internal/coder").glob("_rans*.so")
        library.rename(library.with_suffix(".away"))
        expect(self.root.run("hpcm-studio --sample"), 1, "is not complete")
        library.write_bytes(b"\x7fELF")
        expect(self.root.run("hpcm-studio --sample"), 1, "is not as it was delivered")
        library.unlink()
        library.with_suffix(".away").rename(library)
        expect(self.root.run("hpcm --version"))
        return sentence

    def killed_upgrade(self) -> str:
        """dpkg ended by force at several moments: what is there then works or says what to do, and can be mended."""
        said = set()
        for seconds in (0.5, 3.0, 8.0):
            expect(self.root.run("dpkg -i /old.deb", user=0, timeout=600))
            process = self.root.start("exec dpkg -i /new.deb", user=0)
            time.sleep(seconds)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            done = self.root.run("hpcm --version")
            if done.status not in (0, 1) or "Traceback" in done.output:
                raise AssertionError(f"status {done.status}: {done.output}")
            said.add(done.output.split(":")[0].split(",")[0])
            expect(self.root.run("dpkg --configure -a; dpkg -i /new.deb && hpcm --version", user=0, timeout=600))
        return "; ".join(sorted(said))

    def nothing_written(self) -> None:
        """Nothing was written beside the program by all that was done with it."""
        changed = {name for name, state in self.root.listing(INSIDE).items() if self.installed.get(name) != state}
        if changed:
            raise AssertionError(f"Changed or new: {sorted(changed)[:10]}")

    def remove(self) -> str:
        expect(self.root.run(f"dpkg --purge {self.name}", user=0))
        left = self.root.listing("usr", "etc", "opt", "lib", "bin").keys() - self.before.keys()
        # Caches of the desktop list what is installed; they are renewed, and theirs who made them.
        left = {name for name in left if not name.endswith(("mimeinfo.cache", "icon-theme.cache", "resolv.conf"))}
        if left:
            raise AssertionError(f"Left behind: {sorted(left)[:10]}")
        own = sorted(name for name in self.root.listing("home") if not name.endswith("/"))
        kept = ("Pictures/", ".config/hpcm-studio/", ".cache/hpcm-studio/", ".local/share/hpcm-studio/")
        names = {"nameless", "small.png", "photo.png"}
        foreign = [name for name in own if not any(part in name for part in kept) and Path(name).name not in names]
        foreign = [name for name in foreign if "mesa_shader_cache" not in name and "fontconfig" not in name]
        if foreign:
            raise AssertionError(f"In home folders: {foreign[:10]}")
        return f"{len(own)} files of the users stay"


def cases(kind: str, root: CleanRoot, display: Display, package: Path, work: Path, shots: Path) -> list[Case]:
    """In their order: each begins where the one before it ended."""
    checks = Checks(kind, root, display, package, work, shots)
    found: list[Case] = [
        ("deb: its dependencies install", checks.dependencies),
        ("deb: an older version installs", checks.install_older),
        ("deb: upgrade over the older version", checks.upgrade),
        ("deb: encode and decode from any folder, without network", checks.round_trip),
        ("deb: one picture of each format is read, and written where it can be", checks.every_format),
        ("deb: a model that is not bundled", checks.picks_base),
        ("deb: the window with such a model chosen, in German", checks.window_with_base),
        ("deb: files are known by name and by content", checks.types),
        ("deb: thumbnail without torch", checks.thumbnail),
        ("deb: the window encodes the sample and compares", checks.sample),
        ("deb: xdg-open shows a picture", checks.open_picture),
        ("deb: xdg-open shows a .hpcm file", checks.open_compressed),
        ("deb: hostile PYTHONPATH, PYTHONHOME, user site, Qt plugins", checks.hostile),
        ("deb: damaged settings", checks.damaged_settings),
        ("deb: no home folder, a user without a name", checks.homeless),
        ("deb: read-only installation", checks.read_only),
        ("deb: two users at once", checks.two_users),
        ("deb: nothing is written beside the program", checks.nothing_written),
        ("deb: an unfinished upgrade says so", checks.unfinished_upgrade),
        ("deb: an upgrade that is killed", checks.killed_upgrade),
        ("deb: remove leaves nothing but the users' files", checks.remove),
    ]
    return [(f"{kind} {name}", case) for name, case in found]
