"""What needs torch says so where it is not installed, and how to get it."""

from __future__ import annotations

from tests.hpcm_core.no_torch import BLOCKED_LIGHTLY, run
from tests.paths import ROOT


def test_what_is_not_trained_is_no_variant_to_train(tmp_path):
    run(
        tmp_path,
        """
from click.testing import CliRunner
from hpcm_core.cli.main import cli
from hpcm_core.errors import InvalidRecipe
from hpcm_core.training.config import TrainingConfig
from tests.toy.plain import install_plain
install_plain(folder / "data")
try:
    TrainingConfig("plain", steps=1)
except InvalidRecipe as error:
    assert "plain" in str(error)
else:
    raise AssertionError("it can be trained")
listed = CliRunner().invoke(cli, ["models", "list"])
assert "plain " in listed.output
counted = CliRunner().invoke(cli, ["models", "macs", "plain"])
assert counted.exit_code == 2
assert "no training makes its weights" in counted.output, counted.output
""",
    )


def test_what_does_need_it_says_so(tmp_path):
    output = run(
        tmp_path,
        """
import numpy as np
from hpcm_core import codec
from hpcm_core.errors import DeviceError, ModelError
from hpcm_core.picture.picture import Picture
from hpcm_core.recipe import Recipe
from tests.toy.plain import PlainFamily, install_plain
install_plain(folder / "data")
def restore(self, config, weights):
    import torch
PlainFamily.restore = restore
picture = Picture(np.zeros((8, 8, 3), np.uint8))
for device, wanted in (("auto", ModelError), ("cpu", ModelError), ("cuda", DeviceError)):
    try:
        codec.encode(picture, Recipe("plain"), device=device)
    except wanted as error:
        print(error)
""",
    )
    model, same, device = output.splitlines()
    assert model == same == f"The model plain needs {HOW}"
    assert device == f"There is no CUDA device to compute on here, choose auto or cpu. Computing on one needs {HOW}"


HOW = 'PyTorch, which is not part of this installation. To get it, run: pip install "hpcm-studio[torch]"'


def test_commands_that_need_it_say_what_to_install(tmp_path):
    """Each in one line, before its work; what was installed with torch is no exception."""
    (tmp_path / "old.hpcm").write_bytes((ROOT / "tests/golden/exact/grey-q0.hpcm").read_bytes())
    output = run(
        tmp_path,
        """
import os
from click.testing import CliRunner
from hpcm_core.cli.main import cli
from hpcm_core.models.catalogue import models_folder
from safetensors.numpy import save_file
from hpcm_core.picture.picture import Picture
import numpy as np
os.chdir(folder)
Picture(np.zeros((64, 64, 3), np.uint8)).save("a.png")
save_file({"weight": np.zeros(3, np.float32)}, "base.safetensors")
(folder / "base.pth.tar").write_bytes(b"x")
models_folder().mkdir(parents=True)
(models_folder() / "base-mse-0.013.safetensors").write_bytes(b"x")
import_it = "models import {} --variant {} --metric mse --lambda 0.013"
for command in (
    "encode a.png --model base --lambda 0.013", "encode a.png --model large --lambda 0.013",
    "eval . --model base --lambda 0.013", "rd . --model base-mse -o out",
    "train . -o out --steps 5", "models list --all", "models macs lite", "models macs base",
    "models quantize base.safetensors --pictures . -o out.safetensors", import_it.format("base.safetensors", "base"),
    import_it.format("base.pth.tar", "base"), import_it.format("base.safetensors", "lite"),
    import_it.format("base.pth.tar", "lite"), "decode old.hpcm", "encode a.png --device cuda", "models list",
    "models published --time",
):
    done = CliRunner().invoke(cli, command.split())
    print(command, done.exit_code, done.output.strip().splitlines()[-1], sep=" | ")
assert not (folder / "out").exists()
""",
        BLOCKED_LIGHTLY,
    )
    assert [line for line in output.splitlines() if not line.endswith(f" needs {HOW}")] == []
    statuses = {line.split(" | ")[0]: int(line.split(" | ")[1]) for line in output.splitlines()}
    assert len(statuses) == 17
    assert [command for command, status in statuses.items() if status == 0] == ["models list"]


def test_a_command_that_forgets_to_ask_says_it_too(tmp_path):
    output = run(
        tmp_path,
        """
import click
from hpcm_core.cli import main

@main.cli.command()
def forgetful():
    import torch

sys.argv = ["hpcm", "forgetful"]
try:
    main.main()
except SystemExit as done:
    print(done.code)
""",
        BLOCKED_LIGHTLY,
    )
    assert output == "1\n"
