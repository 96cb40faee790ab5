"""A real Ray cluster of two nodes on this machine, one of which is killed in the middle of a batch."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys

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
from tests.hpcm_core.jobs.works import Deadly, Failing, Square, Together
from tests.hpcm_core.test_codec import photo

pytestmark = pytest.mark.trust

PATIENCE = 600
"""Seconds that a machine may be busy with other things: nothing here is found out by a time that passes."""
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
for name in ("RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S", "TIMEOUT_FOR_SPECIFIC_SERVER_S"):
    os.environ.setdefault(name, str(PATIENCE))
# A process that is forked while gRPC's threads are at work may end at once, and Ray then waits for it.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
pytest.importorskip("ray")
from ray.util.client.worker import Worker  # noqa: E402 - the settings above come first

STORE = 80 << 20
"""Bytes of a node's object store, in which there are results for moments only."""
PICTURES = 16
KEPT = (".hpcm", ".jpg", ".svg")
"""Files of commands in which no seconds are."""


@pytest.fixture(scope="module")
def port():
    """One that nobody has."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


@pytest.fixture(scope="module")
def nodes(port):
    """A head with a core, to which Ray's clients come by `port`, and room for another node."""
    from ray.cluster_utils import Cluster as Machines

    # Ray gives its workers way to all others, which beside other tests is no way at all. A node that is killed refuses
    # connections, so it is missed at once; one that only answers late is not taken for dead.
    system = {
        "worker_niceness": 0,
        "health_check_period_ms": 500,
        "health_check_timeout_ms": 1000 * PATIENCE,
        "health_check_failure_threshold": 4,
    }
    head = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": STORE, "_system_config": system}
    found = Machines(initialize_head=True, head_node_args=head | {"ray_client_server_port": port, "wait": False})
    found.wait_for_nodes(PATIENCE)
    yield found
    found.shutdown()


def another(nodes, **resources):
    node = nodes.add_node(object_store_memory=STORE, wait=False, **resources)
    nodes.wait_for_nodes(PATIENCE)
    return node


def second(nodes):
    """The node beside the head: made anew where it was killed."""
    others = [node for node in nodes.list_all_nodes() if node is not nodes.head_node]
    return others[0] if others else another(nodes, num_cpus=1)


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


def test_a_node_is_killed_in_the_middle_and_every_byte_is_as_by_one_machine(
    nodes, address, pictures, tmp_path, monkeypatch
):
    out, manifest, report = tmp_path / "out", tmp_path / "m.jsonl", tmp_path / "report.csv"
    there, lost = [], []
    room, submit, lose = Cluster.room, Cluster.submit, Cluster._lose

    def room_for_both(pool):
        """None until both workers are there, or the first might have done it all."""
        return room.fget(pool) if there or sum(worker.ready for worker in pool._workers) == 2 else 0

    def submit_and_kill(pool, number, item):
        submit(pool, number, item)
        doomed = second(nodes).node_id
        given = any(number in worker.numbers for worker in pool._workers if worker.node == doomed)
        if given and not there and len(list(out.glob("*.hpcm"))) >= 4:
            nodes.remove_node(second(nodes), allow_graceful=False)
            there.append(len(list(out.glob("*.hpcm"))))

    monkeypatch.setattr(Cluster, "room", property(room_for_both))
    monkeypatch.setattr(Cluster, "submit", submit_and_kill)
    monkeypatch.setattr(Cluster, "_lose", lambda pool, worker: lost.append(worker) or lose(pool, worker))
    recipe = tmp_path / "recipe.json"
    recipe.write_text(Recipe(look=100).to_json())
    arguments = ("batch", pictures, "-o", out, "--recipe", recipe, "--on", address, "--manifest", manifest)
    result = json.loads(hpcm(*arguments, "--csv", report, "--json", code=1).stdout)
    assert 4 <= there[0] < PICTURES - 2, "in the middle"
    assert any(worker.ready for worker in lost), "a worker that was at work"
    assert result["counts"] == {"done": PICTURES, "skipped": 0, "failed": 1}
    names = [os.path.basename(row["source"]) for row in result["pictures"]]
    assert names == sorted(names), "in the order of the pictures"
    hpcm("batch", pictures, "-o", tmp_path / "one", "--recipe", recipe, "--jobs", 1, code=1)
    assert container.read((tmp_path / "one" / "00.hpcm").read_bytes()).look == pack_look(100)
    made = {name: data for name, data in contents(out).items() if not name.startswith(".")}
    assert made == contents(tmp_path / "one")
    monkeypatch.undo()
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


def test_from_outside_by_rays_client(address, port, tmp_path):
    pictures = tmp_path / "in"
    pictures.mkdir()
    for number in range(3):
        Picture(photo(64, 64, 8 * number)).save(pictures / f"{number}.png")
    for name, where in (("ray", ("--on", f"ray://127.0.0.1:{port}")), ("one", ("--jobs", 1))):
        hpcm("batch", pictures, "-o", tmp_path / name, *where)
    made = contents(tmp_path / "ray")
    assert len(made) == 3
    assert made == contents(tmp_path / "one")


@pytest.mark.parametrize("failures", [2, 3])
def test_a_server_of_rays_client_that_does_not_come_up(address, port, monkeypatch, failures):
    """Ray starts another; and what it leaves does not stand in the way of whoever connects next."""
    connect, tries = Worker.__init__, []

    def fail(client, *args, **named):
        tries.append(client)
        if len(tries) <= failures:
            raise RuntimeError("Starting Ray client server failed. See ray_client_server_23000.err for detailed logs.")
        connect(client, *args, **named)

    monkeypatch.setattr(Worker, "__init__", fail)
    if failures < 3:
        with Cluster(Failing(), f"ray://127.0.0.1:{port}", most=1) as pool:
            assert [one.outcome for one in run(pool, ["a"])] == ["a"]
    else:
        with pytest.raises(HpcmError, match="cannot be reached: Starting Ray client server failed"):
            Cluster(Failing(), f"ray://127.0.0.1:{port}", most=1)
    assert len(tries) == 3
    with Cluster(Failing(), address, most=1) as pool:
        assert [one.outcome for one in run(pool, ["b"])] == ["b"]


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


def test_lost_workers_and_failures(address, monkeypatch):
    started, start = [], Cluster._start
    monkeypatch.setattr(Cluster, "_start", lambda pool, *args: started.append(args) or start(pool, *args))
    with Cluster(Deadly(poison=2), address) as pool:
        found = {one.item: one.outcome for one in run(pool, range(8))}
    assert len(started) >= 4, "two, and others for the first two that were lost"
    assert isinstance(found.pop(2), Failed)
    assert found == {item: item for item in range(8) if item != 2}
    with Cluster(Failing(), address, most=1) as pool:
        found = {one.item: one.outcome for one in run(pool, ["a", "user", "fault"])}
        assert pool.workers == 1
    assert found["a"] == "a"
    assert found["user"] == Failed("HpcmError", "The item user is not to be had.")
    assert found["fault"].message == "unexpected ZeroDivisionError: oh"


def test_workers_are_processes_of_both_nodes_with_their_threads(address, monkeypatch, tmp_path):
    with Cluster(Together(tmp_path, 2), address) as pool:
        found = [one.outcome for one in run(pool, range(6))]
    assert len(found) == 6
    assert len({process for process, _, _ in found}) == 2
    assert os.getpid() not in {process for process, _, _ in found}
    assert {threads for _, threads, _ in found} == {"1"}
    with (
        Cluster(Square(), address, threads=2, patience=2) as pool,
        pytest.raises(HpcmError, match="has no room for a worker"),
    ):
        list(run(pool, range(2)))
    # What the workers say they are is another version by then.
    monkeypatch.setattr(clusters, "__version__", "9.9")
    with Cluster(Square(), address) as pool, pytest.raises(HpcmError, match=r"and this is 9\.9"):
        list(run(pool, range(2)))


def test_a_node_with_cards_has_a_worker_for_each(nodes, address, tmp_path):
    """Ray counts cards that are said to be there: what is computed on them is for machines that have some."""
    node = another(nodes, num_cpus=4, num_gpus=2)
    try:
        with Cluster(Together(tmp_path, 4), address) as pool:
            found = {process: rest for process, *rest in (one.outcome for one in run(pool, range(8)))}
    finally:
        nodes.remove_node(node)
    assert sorted(found.values()) == [["1", ""], ["1", ""], ["2", "0"], ["2", "1"]], "threads, and cards that it sees"


_HEAD = """
import contextlib, socket, sys, time
from ray.cluster_utils import Cluster
head = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": int(sys.argv[1])}
nodes = Cluster(initialize_head=True, head_node_args=head | {"ray_client_server_port": int(sys.argv[2])})
for attempt in range(600):  # What listens is a process of its own, which begins a while after the nodes.
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", int(sys.argv[2])), 1).close()
        break
    time.sleep(0.05)
print("here", flush=True)
sys.stdin.readline()
nodes.shutdown()
"""


_PROBE = "import ray, sys; ray.init(sys.argv[1]); ray.shutdown()"


def _served_cluster(port):
    """A cluster whose server for clients serves one: on a busy machine some never do (what Ray forks for a client does
    not start, less often without gRPC's handlers of forks), and a client of these waits forever.
    """
    for _ in range(3):
        command = [sys.executable, "-c", _HEAD, str(STORE), str(port)]
        head = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert head.stdout.readline() == "here\n"
            subprocess.run(
                [sys.executable, "-c", _PROBE, f"ray://127.0.0.1:{port}"], check=True, timeout=45, capture_output=True
            )
        except subprocess.SubprocessError:
            head.communicate("\n")
        except BaseException:
            head.kill()
            raise
        else:
            return head
    return pytest.fail("No cluster of three served a client.")


def test_a_cluster_that_is_gone_is_an_error_of_one_sentence(monkeypatch):
    """So that what is done is reported: Ray's client gives up a while after its server has gone."""
    monkeypatch.setenv("RAY_CLIENT_RECONNECT_GRACE_PERIOD", "1")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    head = _served_cluster(port)
    done = []

    def work():
        with Cluster(Square(), f"ray://127.0.0.1:{port}") as pool:
            for one in run(pool, range(10**6)):
                done.append(one.outcome)
                if len(done) == 5:
                    head.communicate("\n")

    try:
        output = sys.stdout
        with pytest.raises(HpcmError, match=f"The Ray cluster ray://127.0.0.1:{port} cannot be reached: "):
            work()
        assert len(done) >= 5
        assert sys.stdout is output
    finally:
        head.kill()
        head.wait()


def test_where_there_is_no_cluster(pictures):
    with contextlib.closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))  # And nobody listens.
        port = silent.getsockname()[1]
        for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}", "nonsense", "a b"):
            result = hpcm("eval", pictures, "--on", address, code=1)
            assert f"The Ray cluster {address} cannot be reached" in result.stderr, result.output
