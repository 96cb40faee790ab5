"""The workflows: they parse, run what exists, and take actions at one commit only."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.paths import ROOT

pytestmark = pytest.mark.trust

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    for name, job in workflow["jobs"].items():
        systems = job["strategy"]["matrix"]["os"] if job["runs-on"] == "${{ matrix.os }}" else [job["runs-on"]]
        assert all(re.fullmatch(r"(ubuntu|windows|macos)-latest", system) for system in systems), name
        assert job["steps"]
    # A job that says nothing of rights may read, and no step finds the token in the checkout.
    assert workflow["permissions"] == {"contents": "read"}
    taken = [step for step in steps(workflow) if "actions/checkout@" in step.get("uses", "")]
    assert all(step["with"]["persist-credentials"] is False for step in taken)
    for step in steps(workflow):
        assert ("uses" in step) != ("run" in step), step
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"]), f"{step['uses']} is not one commit"
        for named in re.findall(r"(?:installers|tests|\.ci)[/\\][\w./\\-]*\w", step.get("run", "")):
            assert (ROOT / named.replace("\\", "/")).exists(), f"{named} is not there"
        for target in re.findall(r"\bmake ([\w-]+)", step.get("run", "")):
            assert f"\n{target}:" in (ROOT / "Makefile").read_text("utf-8"), f"make {target} does not exist"


def test_the_installers_are_tried_on_both_systems():
    workflow = yaml.safe_load((ROOT / ".github/workflows/installers.yml").read_text("utf-8"))
    runs = {job["runs-on"]: "\n".join(step.get("run", "") for step in job["steps"]) for job in workflow["jobs"].values()
            if job["steps"][-1].get("uses", "").startswith("actions/upload-artifact")}  # fmt: skip
    assert set(runs) == {"ubuntu-latest", "windows-latest"}
    assert "check_install.py" in runs["windows-latest"]
    for words in ("apt-get install", "round_trip.py", "apt-get purge"):
        assert words in runs["ubuntu-latest"]


def test_a_release_is_built_with_hashes_signed_and_published_by_tags_only():
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
    jobs = workflow["jobs"]
    runs = {name: "\n".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    installs = [line for run in runs.values() for line in run.splitlines() if "pip install" in line]
    assert len(installs) == 3
    assert all("--require-hashes" in line for line in installs)
    assert "--twice" in runs["source"]
    assert set(jobs["wheels"]["strategy"]["matrix"]["os"]) == {"ubuntu-latest", "windows-latest", "macos-latest"}
    assert "sigstore sign" in runs["publish"]
    assert jobs["publish"]["if"] == "startsWith(github.ref, 'refs/tags/')"
    # Nobody but the job that publishes may sign or write.
    assert [name for name, job in jobs.items() if "write" in str(job.get("permissions"))] == ["publish"]
