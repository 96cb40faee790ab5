"""What is tried: operations that write, as users start them, and what has to hold of their files."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.faults.operation import Files, Operation, csv_rows, ending_well, hpcm, is_object, same
from tests.faults.training import Train
from tests.hpcm_core.download.server import serving

ADDRESS = "FAULTS_ADDRESS"


class _Plain(Operation):
    """With the toy family as the only model that is used: no torch, files of some hundred bytes."""

    def prepare(self) -> None:
        from hpcm_core import codec  # noqa: F401
        from hpcm_core.cli import batch, decode, encode, models  # noqa: F401
        from hpcm_core.models import registry
        from tests.toy.plain import PLAIN

        PLAIN.configs["plainer"] = plain_config("plainer")
        registry.register(PLAIN)

    def setup(self) -> None:
        import numpy as np
        from PIL import Image

        Path("data/models").mkdir(parents=True)
        Path("data/models/plain.safetensors").write_bytes(plain_weights("plain", 0))
        for name, side in (("a", 16), ("b", 24)):
            pixels = np.random.default_rng(side).integers(0, 256, (side, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(f"{name}.png")

    def hpcm(self, *arguments: str) -> None:
        os.environ["HPCM_DATA_DIR"] = str(Path("data").absolute())
        hpcm(*arguments)


def plain_config(name: str) -> Any:
    from tests.toy.plain import PLAIN, PlainConfig

    return PlainConfig(name, PLAIN.configs["plain"].kept - (name == "plainer"))


def plain_weights(name: str, seed: int) -> bytes:
    from safetensors.numpy import save

    from tests.toy.plain import weights

    return save(weights(plain_config(name), seed))


class Encode(_Plain):
    """Two pictures into a folder: one file is new, one replaces another."""

    def setup(self) -> None:
        super().setup()
        Path("out").mkdir()
        Path("out/a.hpcm").write_bytes(b"what was there before")

    def run(self) -> None:
        self.hpcm("encode", "a.png", "b.png", "-o", "out", "--force", "--model", "plain", "--no-metrics")


class Decode(_Plain):
    """A file back to a picture, over another one."""

    def setup(self) -> None:
        super().setup()
        Path("out.png").write_bytes(Path("b.png").read_bytes())
        with ending_well():
            self.hpcm("encode", "a.png", "-o", "a.hpcm", "--model", "plain")

    def run(self) -> None:
        self.hpcm("decode", "a.hpcm", "-o", "out.png", "--force")


class Looks(_Plain):
    """By the bundled model: a file that keeps parts better and wishes a look, its natural picture over another, and a
    file without loss.
    """

    def prepare(self) -> None:
        from hpcm_core.models.loading import load

        super().prepare()
        load("lite")

    def setup(self) -> None:
        from PIL import Image

        super().setup()
        Path("out").mkdir()
        Image.linear_gradient("L").resize((16, 16)).save("mask.png")
        Path("out/a.hpcm").write_bytes(b"what was there before")
        Path("out/a.png").write_bytes(Path("b.png").read_bytes())

    def run(self) -> None:
        wishes = ("--mask", "mask.png", "--look", "natural", "--preview", "--no-metrics")
        with ending_well():
            self.hpcm("encode", "a.png", "-o", "out/a.hpcm", "--force", *wishes)
        with ending_well():
            self.hpcm("encode", "b.png", "-o", "out/b.hpcm", "--force", "--lossless")
        self.hpcm("decode", "out/a.hpcm", "-o", "out/a.png", "--force", "--look", "natural")


class Batch(_Plain):
    """Two pictures with a manifest and a report, beside an older report."""

    model = "plain"
    workers: tuple[str, ...] = ()

    def setup(self) -> None:
        from hpcm_core.recipe import Recipe

        super().setup()
        Path("in").mkdir()
        for name in ("a.png", "b.png"):
            os.replace(name, f"in/{name}")
        Path("report.csv").write_text("an older report\n")
        Path("recipe.json").write_text(Recipe(self.model, 40).to_json())

    def run(self) -> None:
        options = ("--recipe", "recipe.json", "--manifest", "m.jsonl", "--csv", "report.csv")
        self.hpcm("batch", "in", "-o", "out", *options, *self.workers)

    def normal(self, name: str, data: bytes) -> object:
        if name == "m.jsonl":  # What was written in a run that was killed may be in it or not: see `check`.
            return all(map(is_object, data.splitlines())) and data.endswith(b"\n")
        if name == "report.csv" and data.startswith(b"source,"):
            return sorted((row["source"], row["output"], row["sha256"]) for row in csv_rows(data))
        return data

    def partly(self, name: str, data: bytes, expected: Files) -> bool:
        if name == "m.jsonl":
            return all(map(is_object, data.splitlines(keepends=True)[:-1]))
        return (
            name == "report.csv" and data.startswith(b"source,") and data.endswith(b"\n") and len(csv_rows(data)) <= 2
        )

    def check(self, files: Files, before: Files, expected: Files) -> None:
        if files["report.csv"] != before["report.csv"]:
            written = {name for name in files if name.startswith("out/") and not self.may_stay(name)}
            assert written <= {row["output"] for row in csv_rows(files["report.csv"])}, (
                "the report lacks what was written"
            )
        for line in files.get("m.jsonl", b"").splitlines():
            if is_object(line) and (result := json.loads(line).get("result")):
                data = files[result["output"]]
                assert result["sha256"] == sha256(data).hexdigest(), f"the manifest is wrong of {result['output']}"


class BatchOfProcesses(Batch):
    """The same by two processes, of the bundled model."""

    most = 6
    only = ("kill", "torn", "full", "refused", "failing", "watch")
    model = "lite"
    workers = ("--jobs", "2", "--threads", "1")


class Import(_Plain):
    """Newer weights of a model that is there; at the same time others still."""

    def setup(self) -> None:
        super().setup()
        os.remove("data/models/plain.safetensors")
        for number, name in enumerate(("first", "second", "third")):
            Path(f"{name}.safetensors").write_bytes(plain_weights("plain", number))
        with ending_well():
            self._import("first")

    def run(self) -> None:
        self._import("second")

    def other(self) -> None:
        self._import("third")

    def _import(self, name: str) -> None:
        self.hpcm("models", "import", f"{name}.safetensors", "--variant", "plain")

    def partly(self, name: str, data: bytes, expected: Files) -> bool:
        return "@" in name and expected.get(name) == data

    def check(self, files: Files, before: Files, expected: Files) -> None:
        assert before["data/models/plain.safetensors"] in files.values(), "the weights of before are gone"

    def check_both(self, files: Files, expected: Files) -> None:
        assert {name: files.get(name) for name in expected if "@" in name} == {
            name: data for name, data in expected.items() if "@" in name
        }, "the weights of before are gone"
        made = {data for name, data in files.items() if name.startswith("data/models/")}
        assert len(made) == 3, f"of three weights there are {len(made)}"
        assert expected["data/models/plain.safetensors"] in made
        assert files.keys() - expected.keys() == {name for name in files if "@" in name} - expected.keys()


class Download(_Plain):
    """A published model over connections that are cut; at the same time the same."""

    name = "plain"

    @contextmanager
    def around(self) -> Iterator[Mapping[str, str]]:
        self.contents = {name: plain_weights(name, 1) for name in ("plain", "plainer")}
        with serving() as server:
            server.files = {f"/{name}.safetensors": data for name, data in self.contents.items()}
            server.cut_after = 1500
            yield {ADDRESS: server.address, "no_proxy": "*"}

    def prepare(self) -> None:
        from hpcm_core.cli import getting  # noqa: F401
        from hpcm_core.download import transfer
        from hpcm_core.models.published import Published, published

        super().prepare()
        transfer.PAUSES = (0.0, 0.0, 0.0)
        for name in ("plain", "plainer"):
            published()[name] = Published(name, name, "mse", 1.0, "", "", 800, 1.0, None)

    def setup(self) -> None:
        super().setup()
        os.remove("data/models/plain.safetensors")

    def run(self) -> None:
        self._get("plain")

    def _get(self, name: str) -> None:
        address = f"{os.environ[ADDRESS]}/{name}.safetensors"
        self.hpcm("models", "get", name, "--lambda", "all", "--from", address)

    def partly(self, name: str, data: bytes, expected: Files) -> bool:
        if name.endswith(".part.json"):
            return is_object(data)
        return name.endswith(".part") and self.contents["plain"].startswith(data)

    def check(self, files: Files, before: Files, expected: Files) -> None:
        if "data/models/plain.safetensors" in files:
            assert "plain" in json.loads(files["data/models/checksums.json"]), "installed, and no checksum"


class DownloadOfTwo(Download):
    """A published model; at the same time another."""

    only = ("pause",)

    def other(self) -> None:
        self._get("plainer")

    def check_both(self, files: Files, expected: Files) -> None:
        models = "data/models/"
        new = {f"{models}plainer.safetensors", f"{models}checksums.json"}
        assert json.loads(files[f"{models}checksums.json"]).keys() == {"plain", "plainer"}, "a checksum is lost"
        same(
            self, {k: v for k, v in files.items() if k not in new}, {k: v for k, v in expected.items() if k not in new}
        )


class Settings(Operation):
    """The window's settings; at the same time those of another window."""

    silent = True

    def prepare(self) -> None:
        from app.desktop import settings  # noqa: F401

    def setup(self) -> None:
        self._write(theme="light", mirror="https://example.org/" + "models/" * 300)

    def run(self) -> None:
        self._write(theme="dark", batch_folder=Path("somewhere"))

    def other(self) -> None:
        self._write(language="de")

    def _write(self, **values: Any) -> None:
        from app.desktop.settings import Settings

        settings = Settings(Path("config"))
        for name, value in values.items():
            setattr(settings, name, value)
        settings.sync()

    def may_stay(self, name: str) -> bool:
        return re.fullmatch(r"config/settings\.ini\.(lock|\w{6})", name) is not None

    def check_both(self, files: Files, expected: Files) -> None:
        lines = files["config/settings.ini"].splitlines()
        assert b"theme=dark" in lines
        assert b"language=de" in lines, "a setting is lost"
        assert files.keys() == expected.keys()


class Judgements(Operation):
    """What a blind test adds to its file; at the same time another."""

    def prepare(self) -> None:
        from app.duel import blind  # noqa: F401

    def setup(self) -> None:
        self._append("first")

    def run(self) -> None:
        self._append("second")

    def again(self) -> None:
        if Path("config/blind.csv").read_text().count("second") < 2:
            self.run()

    def other(self) -> None:
        self._append("third")

    def _append(self, picture: str) -> None:
        from app.duel.blind import append

        try:
            append(Path("config/blind.csv"), [("now", picture, "0.5 bpp", n, "a", 100, "b", 90, "b") for n in (1, 2)])
        except OSError as error:
            sys.exit(str(error))

    def normal(self, name: str, data: bytes) -> object:
        return [line for line in dict.fromkeys(data.splitlines()) if line.count(b",") == 8]

    def partly(self, name: str, data: bytes, expected: Files) -> bool:
        return data.count(b"first") == 2

    def check_both(self, files: Files, expected: Files) -> None:
        (data,) = files.values()
        pictures = [row["picture"] for row in csv_rows(data)]
        assert sorted(pictures) == ["first", "first", "second", "second", "third", "third"]


OPERATIONS: dict[str, Operation] = {
    "encode": Encode(),
    "decode": Decode(),
    "looks": Looks(),
    "batch": Batch(),
    "batch-of-processes": BatchOfProcesses(),
    "import": Import(),
    "download": Download(),
    "download-of-two": DownloadOfTwo(),
    "settings": Settings(),
    "judgements": Judgements(),
    "training": Train(),
}
