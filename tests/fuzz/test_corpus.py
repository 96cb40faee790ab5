"""What fuzzing keeps is replayed, and a small part of it done, on every run of the tests; `make fuzz` does the rest."""

from __future__ import annotations

import pytest

import coder
from hpcm_core.errors import CorruptFile
from hpcm_core.format import container
from hpcm_core.models import registry
from tests.fuzz import many, promised, run, samples, targets

pytestmark = pytest.mark.trust


@pytest.fixture(autouse=True)
def families(monkeypatch):
    """The target of checkpoints makes one known, which other tests are not to see."""
    monkeypatch.setattr(registry, "_FAMILIES", [*registry.families()])
    yield
    targets.prepare.cache_clear()


@pytest.mark.parametrize("name", targets.TARGETS)
def test_corpus(name):
    """Whole inputs, and what once was a finding."""
    targets.prepare(name)
    files = sorted((targets.CORPUS / name).iterdir())
    assert files
    for path in files:
        targets.TARGETS[name](path.read_bytes())


def test_corpus_is_of_targets():
    assert {path.name for path in targets.CORPUS.iterdir()} == {*targets.TARGETS, *run.NATIVE}
    assert sum(path.stat().st_size for path in targets.CORPUS.rglob("*")) < 1 << 20, "small enough for a repository"


@pytest.mark.parametrize(
    ("name", "part", "fault"),
    [
        ("container", "hpcm_core.format.container.parse_header", ZeroDivisionError),
        ("decode", "hpcm_core.checks.check_tiles", KeyError),
        ("recipe", "hpcm_core.recipe.check_quality", TypeError),
    ],
)
def test_what_is_no_error_for_users_is_a_finding(name, part, fault, monkeypatch):
    def fail(*_):
        raise fault

    targets.prepare(name)
    monkeypatch.setattr(part, fail)
    whole = (targets.CORPUS / name / ("usual" if name == "recipe" else "plain")).read_bytes()
    with pytest.raises(fault):
        targets.TARGETS[name](whole)


def test_an_error_of_two_lines_is_a_finding(monkeypatch):
    def fail(*_):
        raise CorruptFile("first\nsecond")

    monkeypatch.setattr(container, "parse_header", fail)
    with pytest.raises(AssertionError, match="not one sentence"):
        targets.TARGETS["container"](samples.files()["plain"])


def test_damaged_files(tmp_path):
    """Some hundred files of every kind of damage; `python -m tests.fuzz.many --count 1000000` is the whole."""
    for name in (*many.KINDS, many.FORGED):
        tally = many.Tally()
        many.run_block(name, 0, 1, 60 if many.block_size(name) > 100 else 20, tally, tmp_path)
        assert tally.findings == 0, [path.read_text() for path in tmp_path.glob("*.txt")]
        assert tally.files == sum(tally.errors.values()) + tally.unchanged + tally.pictures
        assert sum(tally.errors.values()) > 0 or name == many.FORGED


def test_memory_is_what_is_promised(monkeypatch, capsys):
    """Small pictures; `python -m tests.fuzz.promised 2048` has the table. One byte less than promised is refused."""
    monkeypatch.setattr("sys.argv", ["promised", "64"])
    assert promised.main() == 0, capsys.readouterr().out
    monkeypatch.setattr(promised.codec, "decode", lambda *_, **__: None)
    assert promised.main() == 1, "nothing is refused"


def test_streams_that_nobody_checks_are_findings(tmp_path, monkeypatch):
    """The run sees what it is for: where nobody looks at symbols and ends of streams, noise becomes pictures. In files
    of profile 1, whose streams Python has checked; natively a check cannot be left out.
    """
    file = container.read(samples.first_profile())
    unchecked = container.write(container.Container(file.header, (bytes(file.tiles[0])[:-4] + bytes(4),)))
    monkeypatch.setattr(coder.Decoder, "finish", lambda _: None)
    monkeypatch.setattr("hpcm_core.entropy.streams._Record.crc", property(lambda _: 0, lambda *_: None), raising=False)
    monkeypatch.setattr(samples, "files", lambda: dict.fromkeys(("plain", "low", "two tiles"), unchecked))
    monkeypatch.setattr(samples, "first_profile", lambda: unchecked)
    tally = many.Tally()
    many.run_block("streams changed", 0, 1, 100, tally, tmp_path)
    assert tally.findings > 0
