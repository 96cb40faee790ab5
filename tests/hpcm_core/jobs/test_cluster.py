"""A real Ray cluster of two nodes on this machine, one of which is killed in the middle of a batch."""

from __future__ import annotations

import json
import os
import socket
import threading
import time

import pytest

from hpcm_core.errors import HpcmError
from hpcm_core.evaluation import anchors
from hpcm_core.format import container
from hpcm_core.format.look import pack_look
from hpcm_core.jobs import cluster as clusters
from hpcm_core.jobs.cluster import Cluster
from hpcm_core.jobs.pool import Failed, run
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.hpcm_core.cli.test_main import run as hpcm
from tests.hpcm_core.jobs.works import Deadly, Failing, Square
from tests.hpcm_core.test_codec import photo

pytestmark = pytest.mark.trust

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
pytest.importorskip("ray")

STORE = 80 << 20
"""Bytes of a node's object store, in which there are results for moments only."""
PICTURES = 16
KEPT = (".hpcm", ".jpg", ".svg")
"""Files of commands in which no seconds are."""


@pytest.fixture(scope="module")
def nodes():
    """A head with a core, and room for another node."""
    from ray.cluster_utils import Cluster as Machines

    # Ray gives its workers way to all others, which beside other tests is no way at all.
    health = {
        "worker_niceness": 0,
        "health_check_period_ms": 500,
        "health_check_timeout_ms": 1000,
        "health_check_failure_threshold": 4,
    }
    head = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": STORE, "_system_config": health}
    found = Machines(initialize_head=True, head_node_args=head)
    yield found
    found.shutdown()


def second(nodes):
    """The node beside the head: made anew where it was killed."""
    others = [node for node in nodes.list_all_nodes() if node is not nodes.head_node]
    return others[0] if others else nodes.add_node(num_cpus=1, object_store_memory=STORE)


@pytest.fixture
def address(nodes):
    second(nodes)
    return nodes.address


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for number in range(PICTURES):
        Picture(photo(128, 128, 8 * number)).save(folder / f"{number:02}.png")
    (folder / "bad.png").write_text("no picture")
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_node_is_killed_in_the_middle_and_every_byte_is_as_by_one_machine(nodes, address, pictures, tmp_path):
    out, manifest, report = tmp_path / "out", tmp_path / "m.jsonl", tmp_path / "report.csv"
    killed = []

    def kill():
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (not out.is_dir() or len(list(out.glob("*.hpcm"))) < 4):
            time.sleep(0.01)
        nodes.remove_node(second(nodes), allow_graceful=False)
        killed.append(len(list(out.glob("*.hpcm"))))

    killer = threading.Thread(target=kill)
    killer.start()
    recipe = tmp_path / "recipe.json"
    recipe.write_text(Recipe(look=100).to_json())
    arguments = ("batch", pictures, "-o", out, "--recipe", recipe, "--on", address, "--manifest", manifest)
    result = json.loads(hpcm(*arguments, "--csv", report, "--json", code=1).stdout)
    killer.join()
    assert 4 <= killed[0] < PICTURES - 2, "in the middle"
    assert result["counts"] == {"done": PICTURES, "skipped": 0, "failed": 1}
    names = [os.path.basename(row["source"]) for row in result["pictures"]]
    assert names == sorted(names), "in the order of the pictures"
    hpcm("batch", pictures, "-o", tmp_path / "one", "--recipe", recipe, "--jobs", 1, code=1)
    assert container.read((tmp_path / "one" / "00.hpcm").read_bytes()).look == pack_look(100)
    made = {name: data for name, data in contents(out).items() if not name.startswith(".")}
    assert made == contents(tmp_path / "one")
    assert len(report.read_text().splitlines()) == PICTURES + 2
    # Resumed by the manifest: one output is gone, one is another's by now.
    (out / "03.hpcm").unlink()
    (out / "04.hpcm").write_bytes(b"mine")
    result = json.loads(hpcm(*arguments, "--json", code=1).stdout)
    assert result["counts"] == {"done": 1, "skipped": PICTURES - 2, "failed": 2}
    assert (out / "03.hpcm").read_bytes() == (tmp_path / "one" / "03.hpcm").read_bytes()
    assert (out / "04.hpcm").read_bytes() == b"mine"
    states = {os.path.basename(row["source"]): row for row in result["pictures"]}
    assert states["04.png"]["reason"] == "the output is not what was written into it; remove it to have it made again"
    assert states["05.png"]["psnr"] > 20, "the report of a resumed run is whole"


def test_files_without_loss_are_the_same_bytes(address, tmp_path):
    pictures = tmp_path / "in"
    pictures.mkdir()
    for number in range(2):
        Picture(photo(48, 48, 8 * number)).save(pictures / f"{number}.png")
    for name, where in (("ray", ("--on", address)), ("one", ("--jobs", 1))):
        hpcm("batch", pictures, "-o", tmp_path / name, "--lossless", *where)
    made = contents(tmp_path / "ray")
    assert len(made) == 2
    assert made == contents(tmp_path / "one")


def without_seconds(document):
    if isinstance(document, dict):
        return {key: without_seconds(value) for key, value in document.items() if not key.endswith("_seconds")}
    return [without_seconds(one) for one in document] if isinstance(document, list) else document


@pytest.mark.parametrize(
    "command",
    [
        ("eval", "--quality", 20),
        ("rd", "--no-models", "-o", "{}/rd"),
        ("duel", "--at-bytes-of", "lite:20", "--against", "jpeg", "--report", "{}/page"),
    ],
    ids=lambda command: command[0],
)
def test_figures_are_as_by_one_machine(command, address, tmp_path, monkeypatch):
    pictures = tmp_path / "in"
    for number in range(4):
        pictures.mkdir(exist_ok=True)
        Picture(photo(176, 176, 8 * number)).save(pictures / f"{number}.png")

    def figures(folder, *options):
        name, *rest = (str(part).format(folder) for part in command)
        document = hpcm(name, pictures, *rest, "--json", *options).stdout
        files = {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.suffix in KEPT}
        return without_seconds(json.loads(document)), files

    jpeg = [one for one in anchors.classical() if one.name == "jpeg"]
    monkeypatch.setattr(anchors, "classical", lambda: jpeg)
    found = {}
    for name, options in (("one", ("--jobs", 1)), ("ray", ("--on", address))):
        (tmp_path / name).mkdir()
        manifest = tmp_path / f"{name}.jsonl"
        found[name] = figures(tmp_path / name, *options, "--manifest", manifest)
        assert len(manifest.read_text().splitlines()) == 5
    assert found["ray"] == found["one"]


def test_lost_workers_and_failures(address):
    with Cluster(Deadly(poison=2), address) as pool:
        found = {one.item: one.outcome for one in run(pool, range(8))}
        assert pool.workers == 2
    assert isinstance(found.pop(2), Failed)
    assert found == {item: item for item in range(8) if item != 2}
    with Cluster(Failing(), address, most=1) as pool:
        found = {one.item: one.outcome for one in run(pool, ["a", "user", "fault"])}
        assert pool.workers == 1
    assert found["a"] == "a"
    assert found["user"] == Failed("HpcmError", "The item user is not to be had.")
    assert found["fault"].message == "unexpected ZeroDivisionError: oh"


def test_workers_are_processes_of_both_nodes_with_their_threads(address, monkeypatch):
    with Cluster(Square(0.3), address) as pool:
        found = [one.outcome for one in run(pool, range(12))]
    assert len({process for _, process, _ in found}) == 2
    assert os.getpid() not in {process for _, process, _ in found}
    assert {threads for _, _, threads in found} == {"1"}
    with (
        Cluster(Square(), address, threads=2, patience=2) as pool,
        pytest.raises(HpcmError, match="has no room for a worker"),
    ):
        list(run(pool, range(2)))
    # What the workers say they are is another version by then.
    monkeypatch.setattr(clusters, "__version__", "9.9")
    with Cluster(Square(), address) as pool, pytest.raises(HpcmError, match=r"and this is 9\.9"):
        list(run(pool, range(2)))


def test_where_there_is_no_cluster(pictures):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}", "nonsense", "a b"):
        result = hpcm("eval", pictures, "--on", address, code=1)
        assert f"The Ray cluster {address} cannot be reached" in result.stderr, result.output
