"""Known vulnerabilities by a copy of the advisory database."""

from __future__ import annotations

import importlib.util
import sys

import pytest
import yaml
from packaging.version import Version

from tests.paths import ROOT

pytestmark = pytest.mark.trust


def load():
    spec = importlib.util.spec_from_file_location("hpcm_audit", ROOT / "installers/audit.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


audit = load()


def advisory(*events, versions=(), name="Some_Package", **more):
    ranges = [{"type": "GIT", "events": [{"introduced": "0"}]}, {"type": "ECOSYSTEM", "events": list(events)}]
    part = {"package": {"name": name}, "ranges": ranges, "versions": list(versions)}
    return {"id": "PYSEC-1", "published": "2025-02-03T00:00:00Z", "affected": [part], **more}


@pytest.mark.parametrize(
    ("events", "affected", "free"),
    [
        ([{"introduced": "0"}], ["0", "99"], []),
        ([{"introduced": "0"}, {"fixed": "2.0"}], ["1.9", "2.0rc1"], ["2.0", "3"]),
        ([{"introduced": "1.5"}, {"last_affected": "2.0"}], ["1.5", "2.0"], ["1.4", "2.0.1"]),
        ([{"introduced": "1"}, {"fixed": "2"}, {"introduced": "3"}, {"fixed": "3.1"}], ["1", "3"], ["2", "3.1"]),
        ([{"introduced": "1"}, {"fixed": "no version"}], ["1"], ["0.9"]),
        ([], [], ["1"]),
    ],
)
def test_versions_that_an_advisory_is_about(events, affected, free):
    about = [audit.affects(advisory(*events), "some-package", Version(one)) for one in (*affected, *free)]
    assert about == [True] * len(affected) + [False] * len(free)


def test_versions_that_are_listed_and_other_packages():
    listed = advisory(versions=["1.0.0", "odd one"])
    assert audit.affects(listed, "some-package", Version("1.0"))
    assert not audit.affects(listed, "some-package", Version("1.1"))
    assert not audit.affects(listed, "another", Version("1.0"))


def test_as_a_program(tmp_path, monkeypatch, capsys):
    lock = tmp_path / "lock.txt"
    lock.write_text("# made\nsome.package==1.4 \\\n    --hash=sha256:00\nother==2 ; python_version < '4' \\\n")
    folder = tmp_path / "vulns" / "some-package"
    folder.mkdir(parents=True)

    def run(*advisories):
        for number, one in enumerate(advisories):
            (folder / f"{number}.yaml").write_text(yaml.safe_dump(one))
        monkeypatch.setattr("sys.argv", ["audit", str(tmp_path), str(lock)])
        return audit.main(), capsys.readouterr().out

    fixed = advisory({"introduced": "0"}, {"fixed": "1.4"})
    assert run(fixed) == (0, "2 packages, 1 advisories about them, the newest of all of 2025-02-03: 0 apply.\n")
    withdrawn = advisory({"introduced": "0"}, withdrawn="2025-02-04T00:00:00Z")
    assert run(fixed, withdrawn)[0] == 0
    code, said = run(fixed, withdrawn, advisory({"introduced": "0"}, aliases=["CVE-1"]))
    assert (code, said.splitlines()[0]) == (1, "some-package 1.4: PYSEC-1, CVE-1")
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(SystemExit, match="no advisories"):
        run()


def test_every_lock_is_read():
    asked = {one for path in (ROOT / "installers/locks").glob("*.txt") for one in audit.pinned(path)}
    assert len(asked) > 100
    assert "numpy" in {name for name, _ in asked}
    assert all(name == name.lower() for name, _ in asked)
