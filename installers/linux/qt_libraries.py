"""Check that Qt finds the system libraries it needs; install them where that is allowed, else print the exact
command.

Qt's wheel carries Qt itself, not the X11, GL and font libraries of the system. The dynamic linker is asked which are
missing, so nothing is installed on a machine that has them all. Does nothing on systems other than Linux.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PLUGINS = ("platforms/libqxcb.so", "platforms/libqoffscreen.so", "platforms/libqminimal.so")

DEBIAN = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}


def missing_libraries() -> set[str]:
    """Names of the shared libraries that Qt's platform plugins and modules ask for and the system does not have."""
    spec = importlib.util.find_spec("PySide6")
    if spec is None or spec.origin is None:
        sys.exit("PySide6 is not installed in this environment.")
    package = Path(spec.origin).parent
    targets = [package / "Qt" / "plugins" / name for name in PLUGINS] + sorted(package.glob("Qt*.abi3.so"))
    found: set[str] = set()
    for target in targets:
        if target.exists():
            listing = subprocess.run(["ldd", target], capture_output=True, text=True, check=False).stdout
            found |= {line.split()[0] for line in listing.splitlines() if line.endswith("not found")}
    return found


def main() -> int:
    if sys.platform != "linux" or not (missing := missing_libraries()):
        return 0
    packages = sorted({DEBIAN[name] for name in missing if name in DEBIAN})
    unknown = sorted(name for name in missing if name not in DEBIAN)
    print(f"Qt needs system libraries that are missing here: {', '.join(sorted(missing))}")
    if packages and shutil.which("apt-get"):
        command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
        if os.geteuid() == 0:
            print(f"Installing them: {' '.join(command)}")
            environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", "update", "--quiet"], env=environment, check=False)
            subprocess.run(command, env=environment, check=False)
            if not missing_libraries():
                return 0
        else:
            print(f"Install them with:\n    sudo apt-get update && sudo {' '.join(command)}")
    elif packages:
        print(f"Install what your system calls the Debian packages {' '.join(packages)}.")
    if unknown:
        print(f"Install the packages that hold {', '.join(unknown)}.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
