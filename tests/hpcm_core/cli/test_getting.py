"""`hpcm models get` and `hpcm models published`."""

from __future__ import annotations

import json

import pytest

from hpcm_core.models import getting
from hpcm_core.models.catalogue import list_models
from hpcm_core.models.published import published
from tests.hpcm_core.cli.test_main import run
from tests.hpcm_core.download.conftest import server  # noqa: F401 - a fixture
from tests.hpcm_core.models.test_catalogue import home, parameters  # noqa: F401 - fixtures
from tests.hpcm_core.models.test_getting import others, save

BASE = [one.name for one in published().values() if (one.variant, one.metric) == ("base", "mse")]


def get(*arguments, code=0):
    return run("models", "get", *arguments, code=code)


def installed():
    return [info.name for info in list_models() if info.state == "installed"]


def test_all_six_from_a_mirror(server, home):  # noqa: F811
    for seed, name in enumerate(BASE):
        server.files[f"/{name}.pth"] = save(home / "x.pth", others(seed)).read_bytes()
    gone = server.files.pop(f"/{BASE[2]}.pth")
    result = get("base", "--lambda", "all", "--from", server.address, code=1)
    assert f"{BASE[2]}: {server.address} has none of these files" in result.stderr
    assert installed() == [name for name in BASE if name != BASE[2]]
    assert result.stdout.count("state installed") == 5

    server.files[f"/{BASE[2]}.pth"] = gone
    server.asked.clear()
    rows = json.loads(get("base", "--lambda", "all", "--from", server.address, "--json").output)["models"]
    assert [row["state"] for row in rows] == ["installed" if name == BASE[2] else "was installed" for name in BASE]
    assert {row["input"]: row["sha256"] for row in rows} == getting.remembered()
    assert all(BASE[2] in path for path, _ in server.asked), "what is there is not asked for"


def test_a_changed_one_is_taken_on_demand_only(home):  # noqa: F811
    path = home / "x.pth"
    arguments = ("base", "--metric", "mse", "--lambda", "0.0130", "--from", save(path, others(1)))
    get(*arguments)
    save(path, others(2))
    get(*arguments)
    assert "is not what it was" in get(*arguments, "--force", code=1).stderr
    assert "state installed" in get(*arguments, "--force", "--accept-changed").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("lite", "--lambda", "all"), "Nothing called 'lite' is published; there are base, large, 1b."),
        (("1b", "--metric", "ms-ssim", "--lambda", "all"), "There is no 1b for 'ms-ssim'; there is one for mse."),
        (("base", "--lambda", "0.01"), "There is no base for mse with lambda 0.01; there are 0.0018"),
        (("base",), "--lambda"),
        (("base", "--lambda", "all", "--from", "x.pth"), "One file has the model of one lambda"),
        (("base", "--lambda", "all", "--from", "https://x.org/x.pth"), "One file has the model of one lambda"),
    ],
)
def test_wrong_arguments(home, arguments, words):  # noqa: F811
    assert words in get(*arguments, code=2).output


def test_what_is_published(home):  # noqa: F811
    rows = json.loads(run("models", "published", "--json").output)["models"]
    assert len(rows) == 25
    row = next(row for row in rows if row["name"] == "base-mse-0.013")
    assert (row["bpp"], row["db"], row["licence"], row["state"]) == (0.4125, 34.2063, "MIT", "missing")
    assert row["bytes"] == 274_021_196
    assert row["seconds_per_megapixel"] is None
    words = run("models", "published").output
    assert "0.412 bpp  34.21 dB" in words
    assert "4001 MB" in words


def test_nothing_else_asks_the_network(home, monkeypatch):  # noqa: F811
    def connect(*_):
        raise AssertionError("the network was touched")

    monkeypatch.setattr("socket.socket.connect", connect)
    run("models", "published")
    run("models", "list")
    assert (
        "hpcm models get base --metric mse --lambda 0.013"
        in run(
            "encode",
            "resources/samples/coffee.png",
            "-o",
            home / "x.hpcm",
            "--model",
            "base",
            "--lambda",
            "0.013",
            code=1,
        ).stderr
    )
