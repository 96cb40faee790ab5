"""The pages on trust name what is there: guards, tests, targets, programs."""

from __future__ import annotations

import re
import sys

import pytest

from tests.paths import ROOT

pytestmark = [
    pytest.mark.trust,
    pytest.mark.skipif(sys.platform == "win32", reason="guards are removed where processes can be limited"),
]
PAGES = ("trust", "cluster", "supply-chain", "longevity")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def test_guards_are_where_they_are_removed():
    from tests.guards import GUARDS, fault

    assert [text for guard in GUARDS if (text := fault(guard))] == []
    assert len({guard.what for guard in GUARDS}) == len(GUARDS) > 30
    files = {ROOT / "tests" / guard.test.partition("::")[0] for guard in GUARDS}
    assert all("pytest.mark.trust" in path.read_text("utf-8") for path in files)


@pytest.mark.parametrize("page", PAGES)
def test_every_line_has_a_command_that_exists(page):
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    targets = re.findall(r"(?:^ {4}|`)make ([a-z-]+)", text, re.M)
    programs = re.findall(r"python -m ((?:tests|hpcm_core)[\w.]+)", text)
    assert targets or programs
    for target in targets:
        assert re.search(rf"^{target}:", MAKEFILE, re.M), f"make {target} does not exist"
    for program in programs:
        assert (ROOT / f"{program.replace('.', '/')}.py").exists(), f"{program} does not exist"
    for path in re.findall(r"`((?:tests|hpcm_core|installers|docs|resources)/[\w./-]*\w)`", text):
        assert (ROOT / path).exists(), f"{path} is not there"


def test_tests_that_the_pages_name_are_among_the_quick_ones():
    marked = [path for path in (ROOT / "tests").rglob("test_*.py") if "pytest.mark.trust" in path.read_text("utf-8")]
    there = {name for path in marked for name in (path.stem, *re.findall(r"def (test_\w+)", path.read_text("utf-8")))}
    named = {
        name for page in PAGES for name in re.findall(r"`(test_\w+)(?:\.py)?`", (ROOT / f"docs/{page}.md").read_text())
    }
    assert len(named) >= 20
    assert named <= there
