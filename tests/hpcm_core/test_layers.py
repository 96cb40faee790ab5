"""Which parts of hpcm_core a folder may use: those below it. An import inside a function or for types alone counts."""

from __future__ import annotations

import ast

import pytest

from tests.paths import ROOT

GROUND = {"files", "progress", "limits", "errors", "resources", "runtime"}
BELOW = {
    "picture": GROUND,
    "format": GROUND | {"picture"},
    "evaluation": GROUND | {"picture", "format", "results", "metrics", "recipe", "models", "codec"},
}


def imports(file):
    """Dotted names of what a file of hpcm_core imports, a member of a package under its own name."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def parts(name):
    return name.split(".")[1:] if name.startswith("hpcm_core.") else []


@pytest.mark.parametrize("folder", BELOW)
def test_a_folder_uses_only_what_is_below_it(folder):
    for file in sorted((ROOT / "hpcm_core" / folder).glob("*.py")):
        used = {part[0] for name in imports(file) if (part := parts(name))}
        assert used <= BELOW[folder] | {folder}, file.name


def test_readers_and_writers_know_no_picture():
    for file in sorted((ROOT / "hpcm_core/picture").glob("*.py")):
        if file.stem != "picture":
            assert "picture" not in {part[1] for name in imports(file) if len(part := parts(name)) > 1}, file.name
