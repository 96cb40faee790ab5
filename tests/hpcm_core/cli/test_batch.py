"""`hpcm batch`: folders in folders, what is left alone, and a report that is not lost."""

from __future__ import annotations

import csv
import json
import os
import sys
import traceback
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hpcm_core import codec, storage
from hpcm_core.batch import search
from hpcm_core.files import picture_files
from tests.hpcm_core.cli.test_main import pictures, run  # noqa: F401 - a fixture

pytestmark = pytest.mark.trust


@pytest.fixture(autouse=True)
def folder(pictures, monkeypatch):  # noqa: F811
    monkeypatch.chdir(pictures)
    return pictures


@pytest.fixture
def tree(folder):
    """Two pictures, and below: one, one in a hidden folder; what is no picture; what is hidden."""
    data = (folder / "a.png").read_bytes()
    for name in ("in/a.png", "in/.hidden.png", "in/sub/a.png", "in/sub/deep/b.png", "in/.git/c.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "in" / "notes.txt").touch()
    (folder / "in" / "old.hpcm").touch()
    return folder


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.hpcm"))


@pytest.fixture
def few_calls():
    """A block in which functions can call each other some sixty deep: folders are not made deep enough for more."""

    @contextmanager
    def few():
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(len(traceback.extract_stack()) + 60)
        try:
            yield
        finally:
            sys.setrecursionlimit(limit)

    return few


def test_what_is_left_alone_is_counted_and_named(tree):
    out = run("batch", "in", "-o", "out").output
    assert "1 done, 0 skipped, 0 failed" in out
    line = next(line for line in out.splitlines() if line.startswith("Left alone: ")).replace(os.sep, "/")
    assert line == (
        "Left alone: 2 hidden (in/.git, in/.hidden.png); 1 not a picture (in/notes.txt); "
        "1 folder (in/sub; --recursive takes folders along)"
    )
    assert files(tree / "out") == ["a.hpcm"]
    (tree / "in" / "empty").mkdir()
    assert "; 2 folders (" in run("batch", "in", "-o", "out").output


def test_folders_in_folders(tree):
    report = json.loads(run("batch", "in", "-o", "out", "--recursive", "--json").output)
    assert report["counts"] == {"done": 3, "skipped": 0, "failed": 0}
    assert files(tree / "out") == ["a.hpcm", "sub/a.hpcm", "sub/deep/b.hpcm"]
    assert [(os.path.basename(row["path"]), row["reason"]) for row in report["left_alone"]] == [
        (".git", "hidden"),
        (".hidden.png", "hidden"),
        ("notes.txt", "not a picture"),
    ]
    run("batch", "in", "-r")
    assert files(tree / "in") == ["a.hpcm", "old.hpcm", "sub/a.hpcm", "sub/deep/b.hpcm"]
    assert "Left alone" not in run("batch", "in/.hidden.png", "-o", "out").output, "what is given itself is taken"


def test_only_folders_of_folders(tree):
    (tree / "outer").mkdir()
    (tree / "in").rename(tree / "outer" / "in")
    assert "--recursive" in run("batch", "outer", code=2).output


@pytest.mark.skipif(os.name != "posix", reason="needs the right to make links")
def test_links_in_a_circle(tree):
    (tree / "in" / "sub" / "up").symlink_to(tree / "in")
    (tree / "in" / "sub" / "gone.png").symlink_to(tree / "nothing")
    out = run("batch", "in", "-o", "out", "-r").output
    assert "3 done" in out
    assert "1 link to a folder" in out


def test_what_is_given_twice_is_done_once(tree):
    report = json.loads(run("batch", "in", "in/a.png", "in/a.png", "-o", "out", "--json").output)
    assert report["counts"] == {"done": 1, "skipped": 0, "failed": 0}


def test_what_cannot_be_looked_at_costs_itself_alone(tree, monkeypatch):
    (tree / "in" / "unseen.png").touch()
    is_file = type(tree).is_file

    def stopped(path):
        if path.name == "unseen.png":
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(type(tree), "is_file", stopped)
    report = json.loads(run("batch", "in", "-r", "-o", "out", "--json", code=1).output)
    assert report["counts"] == {"done": 3, "skipped": 0, "failed": 1}
    (failed,) = (row for row in report["pictures"] if row["state"] == "failed")
    assert failed["source"] == os.path.join("in", "unseen.png")
    assert failed["reason"].endswith("unseen.png cannot be read: Permission denied.")


def test_folders_in_folders_without_end(tree, few_calls):
    deep = Path("in", "sub", *"d" * 100)
    deep.mkdir(parents=True)
    (deep / "a.png").touch()
    with few_calls():
        found = search([Path("in")], recursive=True)
        listed = picture_files(Path("in"))
    assert [path for path, _ in found.pictures] == [
        Path("in/a.png"), Path("in/sub/a.png"), deep / "a.png", Path("in/sub/deep/b.png")
    ]  # fmt: skip
    assert deep / "a.png" in listed
    assert [below for _, below in found.pictures][2] == deep.relative_to("in")


def test_seconds_are_those_of_encoding(folder, monkeypatch):
    """As everywhere: without what loads the model, and without what shows and measures the result."""
    encode, decode = codec.encode, codec.decode
    beside = {"model": 100.0, "synthesis": 200.0, "metrics": 400.0}
    monkeypatch.setattr(codec, "encode", lambda *a, **k: replace(encode(*a, **k), times={"coding": 1.0, **beside}))
    row = json.loads(run("batch", "a.png", "--json").output)["pictures"][0]
    assert row["encode_seconds"] == 1
    monkeypatch.setattr(codec, "decode", lambda *a, **k: replace(decode(*a, **k), times={"coding": 2.0, "model": 9.0}))
    for row in json.loads(run("eval", ".", "--json").output)["pictures"]:
        assert (row["encode_seconds"], row["decode_seconds"]) == (1, 2)


def test_a_manifest_names_today_s_outputs(folder):
    """Of a run that goes on elsewhere."""
    for gain in ("0", "99"):
        command = ("batch", "a.png", "--manifest", f"{gain}.jsonl", "--min-gain", gain, "--json", "-o")
        run(*command, "one")
        if gain == "0":
            (folder / "one").rename("two")
        (row,) = json.loads(run(*command, "two").output)["pictures"]
        assert (row["state"], row["output"]) == ("skipped", os.path.join("two", "a.hpcm"))


@pytest.mark.parametrize(
    "command", [["batch", "--recipe"], ["batch", "--manifest"], ["eval", "--manifest"], ["duel", "--manifest"]]
)
def test_a_report_has_a_file_of_its_own(folder, monkeypatch, command):
    monkeypatch.setattr(codec, "encode", lambda *_, **__: pytest.fail("The work was done first."))
    recipe = '{"version": 1, "quality": 30}'
    (folder / "r.json").write_text(recipe)
    (folder / "link").symlink_to("r.json")
    name, option = command
    assert "is named twice" in run(name, ".", option, "r.json", "--csv", "link", code=2).stderr
    assert (folder / "r.json").read_text() == recipe


@pytest.mark.parametrize("command", ["batch", "eval", "duel"])
def test_a_run_that_is_stopped_at_once_leaves_the_reports_of_before(folder, monkeypatch, command):
    (folder / "out").mkdir()
    reports = (folder / "r.csv", folder / "out" / "duel.html")
    for path in reports:
        path.write_text("of before")
    options = ("--report", "out", "--force") if command == "duel" else ()

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(codec, "encode", stop)
    run(command, ".", *options, "--csv", "r.csv", code=1)
    assert [path.read_text() for path in reports] == ["of before"] * 2


def test_two_spellings_of_one_output(folder):
    (folder / "a.jpg").write_bytes((folder / "a.png").read_bytes())
    result = run("batch", "a.png", f"../{folder.name}/a.jpg", code=1)
    assert "another picture of this batch has the same output name" in result.stderr


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere/r.csv", "The folder nowhere does not exist"),
        (".", "Is a directory"),
        ("a.png", "not the name of a report"),
        ("a.png/r.csv", "cannot be written"),
    ],
)
def test_a_report_that_cannot_be_written_is_noticed_before_the_work(folder, monkeypatch, name, message):
    monkeypatch.setattr(codec, "encode", lambda *_, **__: pytest.fail("The work was done first."))
    assert message in run("batch", "a.png", "--csv", name, code=2).stderr


def test_a_report_that_cannot_be_written_after_all_loses_no_rows(folder, monkeypatch):
    write = storage.atomic_write

    def written(path, data):
        write(path, data)
        if not (folder / "r.csv").exists():
            (folder / "r.csv").mkdir()

    monkeypatch.setattr(storage, "atomic_write", written)
    result = run("batch", "a.png", "--csv", "r.csv", code=1)
    assert "1 done" in result.stdout
    assert "r.csv cannot be written" in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="names of other kinds than Windows has")
def test_a_name_that_is_no_text_is_in_the_report(folder):
    (folder / os.fsdecode(b"\xff.png")).write_bytes((folder / "a.png").read_bytes())
    run("batch", "a.png", os.fsdecode(b"\xff.png"), "--csv", "r.csv")
    with open("r.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["source"], row["state"]) for row in rows] == [("a.png", "done"), (r"\udcff.png", "done")]


def test_what_nobody_foresaw_costs_one_row(folder, monkeypatch):
    encode = codec.encode

    def failing(picture, *arguments, **options):
        if failing.first:
            failing.first = False
            raise KeyError("what nobody foresaw")
        return encode(picture, *arguments, **options)

    failing.first = True
    monkeypatch.setattr(codec, "encode", failing)
    result = run("batch", "a.png", "b.png", code=1)
    assert "unexpected KeyError" in result.stderr
    assert files(folder) == ["b.hpcm"]


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_that_leads_nowhere_counts_as_there(folder):
    (folder / "out").mkdir()
    (folder / "out" / "a.hpcm").symlink_to(folder / "elsewhere")
    assert "0 done, 1 skipped" in run("batch", "a.png", "-o", "out").output
    assert not (folder / "elsewhere").exists()
    run("batch", "a.png", "-o", "out", "--force")
    assert (folder / "elsewhere").is_file(), "what is forced follows it"
