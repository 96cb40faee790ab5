"""The one entry point of the bundled program: the window, the codec process and the `hpcm` command.

Which of them is asked for is told by the name of the program (`hpcm`) or by the first argument (`--hpcm`). Nothing
heavy is imported before the codec process has been told apart from the window.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

COMMAND = "--hpcm"

FOREIGN = ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "QML_IMPORT_PATH", "QML2_IMPORT_PATH")
"""Variables that would make Qt load plugins of another Qt. (Python's own are ignored by the bootloader.)"""


def main() -> int:
    """Run what was asked for; returns the exit status."""
    multiprocessing.freeze_support()  # In the codec process this call does not return.
    _clean_environment()
    if problem := _incomplete():
        _say(problem)
        return 1
    if Path(sys.argv[0]).stem.lower() == "hpcm":
        return _command()
    if sys.argv[1:2] == [COMMAND]:
        del sys.argv[1]
        return _command()
    from app.main import main as window

    return window()


def _command() -> int:
    from hpcm_core.cli.main import main as command

    sys.argv[0] = "hpcm"
    command()
    return 0


def _clean_environment() -> None:
    for name in FOREIGN:
        os.environ.pop(name, None)
    if sys.platform != "linux":
        return
    # The bootloader points the linker at the program's own libraries; other programs that are started must not see it.
    original = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    os.environ.pop("LD_LIBRARY_PATH", None)
    if original is not None:
        os.environ["LD_LIBRARY_PATH"] = original
    _ensure_user()


def _ensure_user() -> None:
    """A user without HOME, or one that the system has no name for, still has to be someone somewhere."""
    import pwd

    try:
        entry = pwd.getpwuid(os.getuid())
        name, home = entry.pw_name, entry.pw_dir
    except KeyError:
        name, home = f"uid-{os.getuid()}", "/nonexistent"
    os.environ.setdefault("LOGNAME", name)
    if not os.environ.get("HOME"):
        os.environ["HOME"] = home or "/nonexistent"


def _incomplete() -> str | None:
    """A sentence if files of this installation are missing or of another version, as after an unfinished upgrade."""
    from hpcm_build import IDENTITY

    folder = Path(getattr(sys, "_MEIPASS", "."))
    advice = "Install HPCM Studio again; your own files and settings stay."
    try:
        identity, *lines = (folder / "MANIFEST").read_text(encoding="utf-8").splitlines()
        if identity != IDENTITY:
            return f"An upgrade of HPCM Studio was not finished: its files are of two versions. {advice}"
        for line in lines:
            size, name = line.split(" ", 1)
            if os.stat(folder / name).st_size != int(size):
                return f"The installation is damaged: {name} is not as it was delivered. {advice}"
    except FileNotFoundError as error:
        return f"The installation is not complete: {Path(error.filename).name} is missing. {advice}"
    except (OSError, ValueError) as error:
        return f"The installation cannot be read ({error}). {advice}"
    return None


def _say(sentence: str) -> None:
    """Tell the user without the help of anything that could be damaged."""
    if sys.stderr is not None:
        print(sentence, file=sys.stderr)
    if sys.platform == "win32":
        if sys.stderr is not None:
            return  # The console's program: a script must not wait for somebody to close a window.
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, sentence, "HPCM Studio", 0x10)
    elif os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        import shutil
        import subprocess

        for command in (["zenity", "--error", "--text"], ["kdialog", "--error"], ["xmessage"], ["notify-send"]):
            if not sys.stderr.isatty() and shutil.which(command[0]):
                subprocess.run([*command, sentence], check=False)
                break


if __name__ == "__main__":
    sys.exit(main())
