"""What torch.save writes, read as tensors and nothing else: no code in it runs, and it takes no more memory than it has
bytes. Importing this module imports no torch.
"""

from __future__ import annotations

import pickletools
import re
import zipfile
from pathlib import Path
from typing import IO, Any

from hpcm_core.errors import ModelError
from hpcm_core.models.weights import Array, arrays

_MOST_WRAPPINGS = 4
_MOST_SHARED = 2
"""As many times its size a file's tensors may have together: some share their numbers."""
_PICKLES_BEFORE_ZIP = 5
"""At the beginning of what torch.save wrote before 1.6: magic, version, system, content, names of storages."""
_KINDS = re.compile(
    r"collections (?:OrderedDict|defaultdict|Counter)|torch (?:\w+Storage|Size|device|b?float\d*|u?int\d+|bool|long)"
    r"|torch\.storage (?:Untyped|Typed)Storage|torch\._utils _rebuild_(?:tensor_v2|parameter)"
    r"|torch\.nn\.parameter Parameter"
)
"""torch would make other things too, a bytearray of any length among them; no parameters of a network need them."""


def read_pickled(path: Path) -> dict[str, Array]:
    """The tensors in a file of torch.save, by name, floats as float32. Raises ModelError for other content, and what
    torch, zipfile and pickletools raise for damaged files.
    """
    import torch

    _check(path)
    content: Any = torch.load(path, map_location="cpu", weights_only=True)
    for _ in range(_MOST_WRAPPINGS):
        if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
            content = content["state_dict"]
    if not isinstance(content, dict) or not all(isinstance(v, torch.Tensor) for v in content.values()):
        raise ModelError("{name} does not hold the parameters of a network.", name=path.name)
    # One stored number can be said to be a tensor of any shape: a copy of such a tensor would take all memory.
    if sum(v.numel() * v.element_size() for v in content.values()) > _MOST_SHARED * path.stat().st_size:
        raise _unsafe(path)
    return arrays(content)


def _unsafe(path: Path) -> ModelError:
    return ModelError("{name} is not a checkpoint that can be loaded safely.", name=path.name)


def _check(path: Path) -> None:
    """Refuse, before torch takes memory for it, what no checkpoint has: compressed parts (torch.save compresses none,
    and a few bytes could unfold to any number), parts that are larger than the file, objects that are not of _KINDS.
    """
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            file.seek(0)
            for _ in range(_PICKLES_BEFORE_ZIP):
                _check_kinds(path, file)
            return
        with zipfile.ZipFile(file) as parts:
            found = parts.infolist()
            stored = all(part.compress_type == zipfile.ZIP_STORED for part in found)
            if not stored or sum(part.file_size for part in found) > path.stat().st_size:
                raise _unsafe(path)
            for part in found:
                if part.filename.endswith(".pkl"):
                    with parts.open(part) as pickled:
                        _check_kinds(path, pickled)


def _check_kinds(path: Path, pickled: IO[bytes]) -> None:
    """Read one pickle without making anything of it."""
    for operation, argument, _ in pickletools.genops(pickled):
        if operation.name == "GLOBAL":
            if not _KINDS.fullmatch(str(argument)):
                raise _unsafe(path)
        elif operation.name in ("STACK_GLOBAL", "INST", "EXT1", "EXT2", "EXT4"):  # torch.save names kinds by GLOBAL.
            raise _unsafe(path)
