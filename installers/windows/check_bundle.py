"""Check that the bundle brings every library its programs and libraries ask for: `check_bundle.py BUNDLE`.

What Windows has by itself needs not be there. Microsoft's C and C++ runtimes, which it has not, must lie where the
libraries of all packages find them: in `_internal` itself.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pefile

SYSTEM = re.compile(
    r"api-ms-win-.*|ext-ms-win-.*|(advapi32|authz|avicap32|bcrypt|bcryptprimitives|cabinet|cfgmgr32|combase|comctl32|"
    r"comdlg32|crypt32|cryptbase|d2d1|d3d9|d3d11|d3d12|d3dcompiler_47|dbghelp|dcomp|dnsapi|dwmapi|dwrite|dxcore|dxgi|"
    r"dxva2|gdi32|gdiplus|glu32|icu|icuin|icuuc|imagehlp|imm32|iphlpapi|kernel32|mpr|msvcrt|mswsock|ncrypt|netapi32|normaliz|ntdll|odbc32|"
    r"ole32|oleacc|oleaut32|opengl32|pdh|powrprof|propsys|psapi|rpcrt4|secur32|setupapi|shcore|shell32|shlwapi|"
    r"ucrtbase|uiautomationcore|user32|userenv|usp10|uxtheme|version|windowscodecs|winhttp|wininet|winmm|winspool|"
    r"wintrust|wlanapi|ws2_32|wsock32|wtsapi32)\.(dll|drv)",
    re.IGNORECASE,
)
KINDS = (".exe", ".dll", ".pyd")
RUNTIMES = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll")


def missing(bundle: Path) -> dict[str, list[str]]:
    """Libraries that are asked for and neither in the bundle nor in Windows, each with who asks."""
    files = [path for path in sorted(bundle.rglob("*")) if path.suffix.lower() in KINDS]
    present = {path.name.lower() for path in files}
    found: dict[str, list[str]] = {}
    for path in files:
        with pefile.PE(str(path), fast_load=True) as image:
            # Delayed imports are for what need not be there.
            image.parse_data_directories([pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_IMPORT"]])
            for entry in getattr(image, "DIRECTORY_ENTRY_IMPORT", ()):
                name = entry.dll.decode("ascii", "replace").lower()
                if name not in present and not SYSTEM.fullmatch(name):
                    found.setdefault(name, []).append(path.relative_to(bundle).as_posix())
    return found


def main() -> int:
    bundle = Path(sys.argv[1])
    absent = missing(bundle)
    for name, users in absent.items():
        print(f"{name} is not in the bundle; asked for by {', '.join(users[:5])}", file=sys.stderr)
    present = {path.name.lower() for path in (bundle / "_internal").glob("*.dll")}
    without = [name for name in RUNTIMES if name not in present]
    for name in without:
        print(f"{name}, a runtime of Microsoft's compiler, is not in _internal", file=sys.stderr)
    return 1 if absent or without else 0


if __name__ == "__main__":
    sys.exit(main())
