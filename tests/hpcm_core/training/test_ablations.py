"""`make ablations`: trains, measures and writes its table; what is done already is not done again."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from hpcm_core.errors import HpcmError
from hpcm_core.files import picture_files
from hpcm_core.models.hpcm import derived
from hpcm_core.models.hpcm.config import CONFIGS
from hpcm_core.models.hpcm.network import HPCM
from hpcm_core.training.config import TrainingConfig
from hpcm_core.training.data import Crops, read_whole
from hpcm_core.training.quantization import read_network
from hpcm_core.training.start import linear_start
from tests.bench import ablation_runs, ablations
from tests.hpcm_core.training.tiny import TINY_NARROW, save_pictures


def test_from_pictures_to_a_table(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    monkeypatch.setattr(derived, "LITE_2_3_6", TINY_NARROW)
    monkeypatch.setattr(ablation_runs, "LAMBDAS", (0.0035, 0.0067, 0.013))
    folders = [save_pictures(tmp_path / name, count=1, height=256, width=256) for name in ("train", "valid")]
    document = tmp_path / "table.md"
    document.write_text(f"before\n{ablations.BEGIN}\nold\n{ablations.END}\nafter\n")
    arguments = [str(folders[0]), "--validation", str(folders[1]), "--output", str(tmp_path / "out")]
    arguments += ["--document", str(document), "--steps", "1", "--batch", "1", "--seeds", "2"]
    arguments += ["--variants", "lite", "lite-2-3-3"]
    assert ablations.main(arguments) == 0
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "1 steps of 1 crops of 256 x 256, 2 seeds; 1 validation pictures." in text
    first, second = (line.split("|") for line in text.splitlines() if line.startswith("| `"))
    assert (first[1].strip(), first[4].strip(), second[1].strip()) == ("`lite`", "0", "`lite-2-3-3`")
    assert " ± " in second[4], "a spread over two seeds"
    assert float(first[3].split("±")[0]) > 0

    monkeypatch.setattr(ablation_runs, "Trainer", lambda *_: pytest.fail("trained again"))
    monkeypatch.setattr(ablations, "measure", lambda *_: pytest.fail("measured again"))
    assert ablations.main(arguments) == 0
    assert document.read_text() == text


def test_transforms_of_others_stay_as_they_are(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    monkeypatch.setattr(derived, "LITE_2_3_6", TINY_NARROW)
    monkeypatch.setattr(ablation_runs, "LAMBDAS", (0.0035, 0.0067, 0.013))
    folders = [save_pictures(tmp_path / name, count=1, height=256, width=256) for name in ("train", "valid")]
    torch.manual_seed(1)
    network = HPCM(TINY_NARROW)
    crops = Crops(folders[0], 256, 0, torch.device("cpu")).batch(0, 4, 256)
    linear_start(network, crops, TrainingConfig(steps=1, lambdas=TINY_NARROW.rate_lambdas))
    given = network.state_dict()
    save_file(given, tmp_path / "given.safetensors")
    document = tmp_path / "table.md"
    document.write_text(f"{ablations.BEGIN}\nold\n{ablations.END}\n{ablations.BEGIN_SHARED}\n{ablations.END}\n")
    arguments = [str(folders[0]), "--validation", str(folders[1]), "--output", str(tmp_path / "out")]
    arguments += ["--transforms", str(tmp_path / "given.safetensors"), "--document", str(document)]
    arguments += ["--steps", "2", "--batch", "1", "--seeds", "1", "--variants", "lite", "lite-2-3-3"]
    assert ablations.main(arguments) == 0
    own, shared = document.read_text().split(ablations.BEGIN_SHARED)
    assert "old" in own
    assert "g_a, g_s and gains of given, left as they are; 2 steps of 1 crops" in shared
    for variant in ("lite", "lite-2-3-3"):
        trained = load_file(next((tmp_path / "out").glob(f"*/{variant}-0/{variant}.safetensors")))
        same = {name for name in given if name in trained and torch.equal(trained[name], given[name])}
        assert {name for name in given if name.startswith(HPCM.TRANSFORMS)} <= same
        assert "h_a.branch.0.weight" not in same

    wide = {**given, "g_a.branch.0.weight": torch.zeros(1)}
    save_file(wide, tmp_path / "given.safetensors")
    with pytest.raises(HpcmError, match="transforms of lite are not those of"):
        ablations.main([*arguments, "--steps", "3"])


def test_all_trainings_of_a_seed_side_by_side(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    monkeypatch.setattr(derived, "LITE_2_3_6", TINY_NARROW)
    monkeypatch.setattr(ablation_runs, "LAMBDAS", (0.0035, 0.0067, 0.013))
    for name, value in (("_UNEVEN", 1), ("_PACED", 0.0), ("_WHOLE", 4)):
        monkeypatch.setattr(ablation_runs, name, value)
    folders = [save_pictures(tmp_path / name, count=2, height=256, width=256) for name in ("train", "valid")]
    torch.manual_seed(1)
    network = HPCM(TINY_NARROW)
    crops = Crops(folders[0], 256, 0, torch.device("cpu")).batch(0, 4, 256)
    linear_start(network, crops, TrainingConfig(steps=1, lambdas=TINY_NARROW.rate_lambdas))
    save_file(network.state_dict(), tmp_path / "given.safetensors")
    document = tmp_path / "table.md"
    document.write_text(f"{ablations.BEGIN}\n{ablations.END}\n{ablations.BEGIN_SHARED}\n{ablations.END}\n")
    out = tmp_path / "out"
    arguments = [str(folders[0]), "--validation", str(folders[1]), "--output", str(out), "--together"]
    arguments += ["--transforms", str(tmp_path / "given.safetensors"), "--document", str(document)]
    arguments += ["--minutes", "0.01", "--batch", "1", "--seeds", "2", "--optimizer", "adamw"]
    arguments += ["--variants", "lite", "lite-2-3-3", "--whole", "lite"]
    assert ablations.main(arguments) == 0
    own, shared = document.read_text().split(ablations.BEGIN_SHARED)
    assert own.count("| `lite") == 1
    assert shared.count("| `lite") == 2
    assert "4 steps of 1 crops of 256 x 256 by AdamW, 2 seeds" in shared, "the least, in too little time"
    logs = sorted(out.glob("*/*/log.jsonl"))
    assert len(logs) == 6
    assert {json.loads(log.read_text().splitlines()[-1])["step"] for log in logs} == {4}
    measured = [json.loads(path.read_text()) for path in sorted(out.glob("*/lite-0/measured.json"))]
    assert all(one["curve"][-1]["step"] == 4 for one in measured)
    assert "seconds" not in measured[0]
    assert " - |" in shared

    assert ablations.main([*arguments, "--time", "--only-table"]) == 0
    assert " - |" not in document.read_text()

    monkeypatch.setattr(ablation_runs, "Trainer", lambda *_: pytest.fail("trained again"))
    next(out.glob("*/lite-2-3-3-1/measured.json")).unlink()
    assert ablations.main(arguments) == 0, "trained, and only to be measured"


def test_a_networks_own_estimate_is_near_its_files(monkeypatch, tmp_path):
    monkeypatch.setitem(CONFIGS, "lite", TINY_NARROW)
    monkeypatch.setattr(derived, "LITE_2_3_6", TINY_NARROW)
    monkeypatch.setattr(ablation_runs, "LAMBDAS", (0.0035, 0.013))
    pictures = save_pictures(tmp_path / "pictures", count=2, height=256, width=512)
    job = ablation_runs.Job("lite-2-3-3", 0, tmp_path / "job")
    config = job.config(ablation_runs.Budget(1, 1, 1))
    weights = ablation_runs.start(job, config, Crops(pictures, 256, 0, torch.device("cpu")))
    files = picture_files(pictures)
    made = ablation_runs.coded(job.variant, weights, files)["points"]
    expected = ablation_runs.estimate(read_network(weights, job.variant), config, read_whole(files))
    for file, guess in zip(made, expected, strict=True):
        assert guess["lambda"] == file["lambda"]
        assert guess["psnr"] == pytest.approx(file["psnr"], abs=0.05)
        assert 0 < file["bpp"] - guess["bpp"] < 0.03 * file["bpp"] + 8 * 500 / (256 * 512)


def test_an_interrupted_training_ends_the_run(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(ablations, "train", lambda *_: None)
    save_pictures(tmp_path, count=1, height=256, width=256)
    assert ablations.main([str(tmp_path), "--validation", str(tmp_path), "--variants", "lite"]) == 1
    assert "goes on" in capsys.readouterr().out


def test_rates_against_the_first_of_the_same_seed():
    def run(factor):
        points = [{"lambda": 0.013, "bpp": factor * rate, "psnr": 30 + rate, "loss": rate} for rate in (0.5, 1, 2)]
        return {"points": points, "seconds": 1.0}

    budget = ablations.Budget(20_000, 8, 2)
    text = ablations.table({"lite": [run(1), run(2)], "lite-2-3-3": [run(1.1), run(2.4)]}, budget, 12)
    assert "| +15.00 ± 7.07 % |" in text


def test_a_document_without_marks_is_left_alone(tmp_path):
    document = tmp_path / "a.md"
    document.write_text("nothing here")
    with pytest.raises(HpcmError, match="no marks"):
        ablations.put_into(document, "table")
    assert document.read_text() == "nothing here"
