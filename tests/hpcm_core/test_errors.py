"""Phrases and errors: English as text, with what another language needs, across processes and copies."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from hpcm_core import errors
from hpcm_core.errors import CorruptFile, HpcmError, Phrase, PictureError
from hpcm_core.files import reading, writing

NESTED = Phrase("{stage} (attempt {number})", stage=Phrase("Opening {name}", name="a {b}.png"), number=3)


def classes(base=HpcmError):
    return [base, *(one for below in base.__subclasses__() for one in classes(below))]


def same(a, b):
    """Equal in text, template and values; phrases among the values too."""
    assert type(a) is type(b)
    if isinstance(a, Phrase):
        assert (a.template, a.values.keys()) == (b.template, b.values.keys())
        return str(a) == str(b) and all(same(a.values[name], b.values[name]) for name in a.values)
    return a == b


def test_a_phrase_is_its_english_text():
    assert NESTED == "Opening a {b}.png (attempt 3)"
    assert json.loads(json.dumps(NESTED)) == NESTED
    assert type(str(NESTED)) is str
    assert Phrase("{size:,} bytes ({bpp:.2f})", size=12345, bpp=np.float32(0.5)) == "12,345 bytes (0.50)"
    assert repr(Phrase("{x!r}", x="a")) == "Phrase('{x!r}', {'x': 'a'})"
    assert Phrase("{template!r} {self}", template="t", self="s") == "'t' s"


def test_a_phrase_has_text_and_numbers_for_values():
    unpicklable = ValueError(lambda: None)
    phrase = Phrase("{path}: {reason}", path=Path("a"), reason=unpicklable)
    assert phrase.values == {"path": "a", "reason": str(unpicklable)}
    assert same(pickle.loads(pickle.dumps(phrase)), phrase)


@pytest.mark.parametrize("through", [lambda x: pickle.loads(pickle.dumps(x)), copy.copy, copy.deepcopy])
def test_phrases_keep_their_parts_when_they_are_sent_or_copied(through):
    assert same(through(NESTED), NESTED)
    assert same(through([NESTED])[0], NESTED)


@pytest.mark.parametrize("kind", classes())
def test_every_error_keeps_its_phrase_when_it_is_sent(kind):
    for error in (kind("{path} has {size:.1f} MiB.", path=Path("a"), size=2.25), kind(NESTED), kind("The end.")):
        back = pickle.loads(pickle.dumps(error))
        assert type(back) is kind
        assert str(back) == str(error) == str(error.phrase)
        assert same(back.phrase, error.phrase)


def test_all_errors_are_of_one_tree():
    kinds = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)}
    assert kinds <= set(classes())
    assert len(kinds) > 10


def test_a_value_is_replaced_where_it_is_the_whole_value():
    phrase = Phrase("{what}: {path}", what=Phrase("{path} is empty.", path="/a/b.png"), path="/a/b.png.tmp")
    replaced = phrase.with_value("/a/b.png", "b.png")
    assert replaced == "b.png is empty.: /a/b.png.tmp"
    assert replaced.template == phrase.template


def test_reading_and_writing_say_what_and_why(tmp_path):
    missing = tmp_path / "missing"
    with (
        pytest.raises(PictureError, match=r"missing cannot be read: No such file or directory\.$") as caught,
        reading(missing),
    ):
        missing.read_bytes()
    assert caught.value.phrase.values["path"] == str(missing)
    with pytest.raises(HpcmError, match="a cannot be written: No such file") as caught, writing(missing / "a"):
        (missing / "a").write_bytes(b"")
    assert type(caught.value) is HpcmError
    with pytest.raises(CorruptFile, match="cannot be read: by hand"), reading(missing, CorruptFile):
        raise OSError("by hand")
    with pytest.raises(ValueError, match="other"), writing(missing):
        raise ValueError("other")
