"""The manifest of a run: what it remembers, and what a killed run leaves of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpcm_core.errors import HpcmError
from hpcm_core.jobs.manifest import Manifest

pytestmark = pytest.mark.trust

SETTINGS = {"version": "1", "command": "batch"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.jsonl"


def test_what_was_added_is_known_if_its_source_is_the_same(path):
    with Manifest(path, SETTINGS) as manifest:
        assert manifest.known("a", [1, 2]) is None
        manifest.add("a", [1, 2], {"bytes": 5})
        manifest.add("é\udcff\n", [1, 2], {"bytes": 6})
        assert manifest.known("a", [1, 2]) is None, "an item is asked for once, before it runs"
    with Manifest(path, SETTINGS) as manifest:
        assert manifest.known("a", [1, 2]) == {"bytes": 5}
        assert manifest.known("é\udcff\n", [1, 2]) == {"bytes": 6}
        assert manifest.known("a", [1, 3]) is None
        manifest.add("a", [1, 3], {"bytes": 7})
    with Manifest(path, SETTINGS) as manifest:
        assert manifest.known("a", [1, 3]) == {"bytes": 7}
        assert manifest.known("a", [1, 2]) is None


def test_it_is_of_one_run(path):
    Manifest(path, SETTINGS).__exit__()
    before = path.read_bytes()
    with pytest.raises(HpcmError, match="another run: command, quality differ"):
        Manifest(path, {"version": "1", "command": "eval", "quality": 3})
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"my notes\n", b"[1]\n", b"{}\n", b"\xff\xfe\n", b"[" * 100_000 + b"\n", b"notes"])
def test_what_is_no_manifest_stays_as_it_is(path, content):
    path.write_bytes(content)
    with pytest.raises(HpcmError, match="is no manifest"):
        Manifest(path, SETTINGS)
    assert path.read_bytes() == content


def test_killed_at_any_byte(path):
    with Manifest(path, SETTINGS) as manifest:
        for name in "ab":
            manifest.add(name, [1], {"of": name})
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        with Manifest(path, SETTINGS) as manifest:
            known = [manifest.known(name, [1]) for name in "ab"]
            manifest.add("c", [1], {"of": "c"})
        ends = [sum(map(len, lines[: count + 2])) for count in range(2)]
        assert known == [{"of": name} if cut >= end else None for name, end in zip("ab", ends, strict=True)], cut
        with Manifest(path, SETTINGS) as manifest:
            assert manifest.known("c", [1]) == {"of": "c"}


@given(st.lists(st.one_of(st.binary(max_size=30), st.just(b'{"name": 1}'), st.just(b"[]")), max_size=5))
def test_damaged_lines_are_no_items(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("m") / "m.jsonl"
    with Manifest(path, SETTINGS) as manifest:
        manifest.add("a", [1], {})
    path.write_bytes(path.read_bytes() + b"".join(line.replace(b"\n", b"") + b"\n" for line in lines))
    with Manifest(path, SETTINGS) as manifest:
        assert manifest.known("a", [1]) == {}


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(HpcmError, match="cannot be written"):
        Manifest(tmp_path / "none" / "m.jsonl", SETTINGS)


def test_a_run_that_is_going_on_has_it(path):
    with Manifest(path, SETTINGS) as manifest:
        manifest.add("a", [1], {})
        with pytest.raises(HpcmError, match=r"m\.jsonl is the manifest of a run that is going on\.$"):
            Manifest(path, SETTINGS)
    with Manifest(path, SETTINGS) as manifest:
        assert manifest.known("a", [1]) == {}
