"""The drawing of a training's logs."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from hpcm_core.training.progress import draw, main


def log(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def validation(**losses):
    return {"validation": [{"lmbda": float(k[1:]) / 10, "loss": v} for k, v in losses.items()]}


@pytest.fixture
def logs(tmp_path):
    first = log(tmp_path / "1", {"seconds": 1800}, validation(_1=2.0, _2=3.0), {"seconds": 3600}, validation(_1=1.5))
    return [first, log(tmp_path / "2", {"seconds": 7200}, validation(_1=1.0, _2=2.0))]


def test_logs_are_joined(logs):
    root = ElementTree.fromstring(draw(logs))
    space = "{http://www.w3.org/2000/svg}"
    lines = [
        [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
        for line in root.findall(f".//{space}polyline")
    ]
    assert [len(line) for line in lines] == [3, 2]
    (x0, y0), (x1, y1), (x2, y2) = lines[0]
    # Hours 0.5, 1 and 1 + 2; 200, 150 and 100 percent.
    assert (x1 - x0) / (x2 - x0) == pytest.approx(0.5 / 2.5, abs=0.01)
    assert (y1 - y0) / (y2 - y0) == pytest.approx(0.5, abs=0.01)
    assert y2 > y0, "down is better, and SVG counts downwards"
    assert [text.text for text in root.iter(f"{space}text")][-2:] == ["λ 0.1", "λ 0.2"]


def test_many_lambdas_are_thinned_out(tmp_path):
    many = {f"_{i}": 1.0 for i in range(1, 11)}
    drawn = draw([log(tmp_path / "log", {"seconds": 9}, validation(**many))])
    assert [f"λ {i / 10:g}<" in drawn for i in range(1, 11)] == [i in (1, 4, 7, 10) for i in range(1, 11)]


def test_the_command(logs, tmp_path):
    out = tmp_path / "out.svg"
    assert CliRunner().invoke(main, [*map(str, logs), "-o", str(out)]).exit_code == 0
    assert out.read_text() == draw(logs)
    for text in ("no json", "[]", '{"validation": [{}]}'):
        logs[0].write_text(text)
        result = CliRunner().invoke(main, [str(logs[0]), "-o", str(out)])
        assert result.exit_code == 1
        assert "cannot be drawn" in result.output


def test_a_log_without_validation(tmp_path):
    assert "polyline" not in draw([log(tmp_path / "log", {"seconds": 9})])
