"""A clean Debian to try packages in: made by debootstrap, entered by chroot in namespaces of its own, shown by Xvfb.

The display and what reads it stay outside, so nothing is in the root that the packages did not ask for themselves.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SUITE = "bookworm"
TOOLS = ("desktop-file-utils", "hicolor-icon-theme", "libfile-mimeinfo-perl", "shared-mime-info", "xdg-utils")
"""What a desktop has and the package recommends; installed before anything is compared."""

NUMBER = 87
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


@dataclass
class Done:
    """How a command in the root ended: its exit status, what it printed, how long it took in seconds."""

    status: int
    output: str
    seconds: float


class CleanRoot:
    """A root of its own. Commands run as a user of it, without network unless it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls, base: Path, folder: Path) -> CleanRoot:
        """Copy the base, which is made if it is not there yet."""
        if not (base / "etc/done").exists():
            shutil.rmtree(base, ignore_errors=True)
            subprocess.run(["debootstrap", "--variant=minbase", SUITE, base], check=True, stdout=subprocess.DEVNULL)
            root = cls(base)
            tools = " ".join(TOOLS)
            install = f"apt-get -qq update && apt-get -qq --yes --no-install-recommends install {tools}"
            done = root.run(install, user=0, network=True, timeout=600)
            if done.status:
                raise RuntimeError(done.output)
            (base / "etc/done").touch()
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", base, folder], check=True)
        return cls(folder)

    def add_user(self, name: str, number: int, home: str) -> None:
        """Make a user with an empty home folder."""
        with (self.folder / "etc/passwd").open("a", encoding="utf-8") as file:
            file.write(f"{name}:x:{number}:{number}::{home}:/bin/sh\n")
        path = self.folder / home.lstrip("/")
        path.mkdir(parents=True)
        subprocess.run(["chown", f"{number}:{number}", path], check=True)

    def command(
        self, script: str, user: int, network: bool, environment: Mapping[str, str], readonly: bool
    ) -> list[str]:
        """The words that run a script in the root."""
        root = self.folder
        mounts = [
            f"mount -t proc proc '{root}/proc'",
            f"mount -t tmpfs -o mode=1777 tmpfs '{root}/dev/shm'",
            f"mkdir -p '{root}/tmp/.X11-unix' && mount --bind /tmp/.X11-unix '{root}/tmp/.X11-unix'",
        ]
        if readonly:
            mounts.append(f"mount --bind '{root}/usr' '{root}/usr' && mount -o remount,bind,ro '{root}/usr'")
        if network:
            mounts.append(f"cp /etc/resolv.conf '{root}/etc/resolv.conf' 2>/dev/null || true")
        switch = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        words = [f"{key}={value}" for key, value in environment.items()]
        inside = ["chroot", str(root), *switch, "env", "-i", *words, "sh", "-c", script]
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
        # The shell stays, as root: a process that has changed its user no longer ends with its parent.
        return [*namespaces, "sh", "-c", " && ".join(mounts) + ' && "$@"; exit $?', "sh", *inside]

    def environment(self, user: int, extra: Mapping[str, str | None]) -> dict[str, str]:
        """What a session would set; None in `extra` leaves a variable out."""
        lines = (self.folder / "etc/passwd").read_text(encoding="utf-8").splitlines()
        home = next((line.split(":")[5] for line in lines if line.split(":")[2] == str(user)), "/")
        usual: dict[str, str | None] = {"HOME": home, "PATH": f"{home}/.local/bin:{PATH}", "LANG": "C.UTF-8"}
        usual |= {"DISPLAY": f":{NUMBER}", "DEBIAN_FRONTEND": "noninteractive"} | dict(extra)
        return {key: value for key, value in usual.items() if value is not None}

    def run(
        self,
        script: str,
        user: int = 1000,
        network: bool = False,
        environment: Mapping[str, str | None] | None = None,
        readonly: bool = False,
        timeout: float = 300,
    ) -> Done:
        """Run a script and wait for its end."""
        started = time.monotonic()
        with self.start(script, user, network, environment, readonly) as process:
            try:
                output = process.communicate(timeout=timeout)[0]
            except subprocess.TimeoutExpired:
                process.kill()
                output = process.communicate()[0] + f"\n(not done after {timeout:.0f} s)"
        return Done(process.returncode, output.strip(), time.monotonic() - started)

    def start(
        self,
        script: str,
        user: int = 1000,
        network: bool = False,
        environment: Mapping[str, str | None] | None = None,
        readonly: bool = False,
    ) -> subprocess.Popen[str]:
        """Start a script; ending the process ends everything that it started."""
        variables = self.environment(user, environment or {})
        return subprocess.Popen(
            self.command(script, user, network, variables, readonly),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )

    def listing(self, *folders: str) -> dict[str, tuple[int, float]]:
        """Size and date of every file below the folders, by name."""
        found = {}
        for folder in folders:
            for path in sorted((self.folder / folder).rglob("*")):
                state = path.lstat()
                is_folder = path.is_dir() and not path.is_symlink()
                key = str(path.relative_to(self.folder)) + ("/" if is_folder else "")
                found[key] = (0, 0.0) if is_folder else (state.st_size, state.st_mtime)
        return found


class Display:
    """A screen that no one sees; its pixels can be read."""

    WIDTH, HEIGHT = 1280, 900

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        size = f"{self.WIDTH}x{self.HEIGHT}x24"
        command = ["Xvfb", f":{NUMBER}", "-screen", "0", size, "-fbdir", self._folder.name, "-nolisten", "tcp", "-ac"]
        self._server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while not Path(f"/tmp/.X11-unix/X{NUMBER}").exists():
            if time.monotonic() > until or self._server.poll() is not None:
                raise RuntimeError("Xvfb does not start.")
            time.sleep(0.05)

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait()
        self._folder.cleanup()

    def pixels(self) -> NDArray[np.uint8]:
        """What is on the screen: height x width x 3."""
        data = (Path(self._folder.name) / "Xvfb_screen0").read_bytes()
        fields = struct.unpack(">25I", data[:100])
        header, colours, line = fields[0], fields[19], fields[12]
        start = header + 12 * colours
        rows = np.frombuffer(data, np.uint8, line * self.HEIGHT, start).reshape(self.HEIGHT, line // 4, 4)
        return rows[:, : self.WIDTH, 2::-1].copy()

    def wait_for_window(self, seconds: float) -> bool:
        """Wait until anything is drawn."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.pixels().any():
                return True
            time.sleep(0.02)
        return False

    def wait_for_rest(self, quiet: float, seconds: float) -> NDArray[np.uint8]:
        """Wait until nothing has changed for `quiet` seconds; returns what is on the screen then."""
        until, since, before = time.monotonic() + seconds, time.monotonic(), self.pixels()
        while time.monotonic() < until and time.monotonic() - since < quiet:
            time.sleep(0.25)
            now = self.pixels()
            if not np.array_equal(now, before):
                before, since = now, time.monotonic()
        return before


def run_all(cases: Sequence[tuple[str, object]]) -> int:
    """Run every case, print how it went, and the count at the end; returns the exit status."""
    failed = 0
    for name, case in cases:
        started = time.monotonic()
        try:
            note = case()  # type: ignore[operator]
        except Exception as error:
            failed += 1
            print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)
        else:
            print(f"ok      {name} ({time.monotonic() - started:.1f} s){f': {note}' if note else ''}", flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0
