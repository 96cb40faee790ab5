"""What makes the bundle smaller than the packages it is made of, on Linux.

Qt's Core is linked to ICU, whose data, 32 MB of languages, calendars and old encodings, Qt uses to sort by a language's
rules and to read encodings beside Unicode. This program asks for neither: words and numbers come from Qt's own tables,
cases of letters are in ICU's code. In its place goes what ICU itself builds where it has no data: an empty table.

Python's library and modules may come with the symbols of a debugger, which nothing needs to run. Libraries of packages
are left as they are: some were changed after they were linked, and do not survive it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

_EMPTY_DATA = """\
#include <stdint.h>
/* The header of ICU's common data (UDataInfo in ICU's udata.h, format "ToCP"), and a table of no entries. */
const struct {{
    uint16_t header_size; uint8_t magic[2];
    uint16_t size, reserved; uint8_t big_endian, charset, bytes_of_char, reserved_byte, format[4], version[4], data[4];
    uint8_t padding[8];
    uint32_t count, reserved_count;
}} {symbol} = {{32, {{0xda, 0x27}}, 20, 0, 0, 0, 2, 0, {{'T', 'o', 'C', 'P'}}, {{1}}, {{0}}, {{0}}, 0, 0}};
"""


def without_icu_data(library: str, folder: Path) -> str:
    """A library that stands in for libicudata.so.VERSION, in the folder; its path."""
    name = Path(library).name
    version = re.fullmatch(r"libicudata\.so\.(\d+)", name)
    if version is None:
        raise ValueError(f"{name} is not called as ICU's data is")
    folder.mkdir(parents=True, exist_ok=True)
    source, target = folder / "icudata.c", folder / name
    source.write_text(_EMPTY_DATA.format(symbol=f"icudt{version[1]}_dat"), encoding="utf-8")
    options = ("-shared", "-fPIC", "-O2", "-Wl,--build-id=none", f"-Wl,-soname,{name}")
    subprocess.run(["cc", *options, "-o", target, source], check=True)
    return str(target)


def stripped(library: str, folder: Path) -> str:
    """A copy of a library in the folder without what only debuggers read; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / Path(library).name
    shutil.copy(library, target)
    target.chmod(0o755)
    subprocess.run(["strip", "--strip-unneeded", target], check=True)
    return str(target)
