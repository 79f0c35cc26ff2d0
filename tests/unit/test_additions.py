"""A new metric, figure or objective is one file beside its test: rules, tables, methods, schema and docs find them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import HELPERS

from ventral.core.code_hash import LIBRARY, SCRIPTS

ADDITIONS = Path(__file__).parent / "additions"
METRIC = """
import numpy as np, pandas as pd
from ventral.catalog import page
from ventral.geometry import measure
from ventral.gram import gram
from ventral.core.code_hash import sources, SCRIPTS

turns = np.radians([0, 90, 180, 270])
square = np.stack([np.cos(turns), np.sin(turns)], axis=1)
table = pd.DataFrame({"stimulus_id": range(8), "scene": np.repeat(["a", "b"], 4), "parameter": "time"})
table = table.assign(level=[0, 1, 2, 3] * 2, label="").astype({"stimulus_id": str})
rows, _ = measure(gram(np.vstack([square, 5 + square]), device="cpu"), table, [0.9])
print(rows.value[rows.metric == "curvature"].item(), "| `curvature` | curvature | geometry | 0 to 180" in page())
for script in ("geometry", "summary", "figures"):
    assert any(path.name == "curvature.py" for path in sources(SCRIPTS / f"{script}.py"))
"""
FIGURE = """
import sys
from ventral.figures.spec import specs
assert "straightness" in specs() and not {"matplotlib", "pandas"} & {*sys.modules}
import ventral.study
assert "matplotlib" not in sys.modules

from ventral.figures.drawing import draw
import synthetic
study = synthetic.study(2, 3, 0)
tables = {name: study[name] for name in specs()["straightness"].tables}
tables["geometry"] = tables["geometry"].replace({"metric": {"alpha": "curvature"}})
print([*specs()][-1], len(draw("straightness", tables).axes[0].lines))
"""
OBJECTIVE = """
import pathlib, tempfile
import torch
from ventral.config.json_schema import schema
from ventral.config.key_reference import page
from ventral.core.code_hash import sources, SCRIPTS
from ventral.training import train
from small_training import small_spec, write_images

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    write_images(folder)
    train(small_spec(folder, objective="vicreg"), folder / "small")
    print((folder / "small" / "network.pth").exists(), "### `objective: vicreg`" in page(schema()))
assert any(path.name == "vicreg.py" for path in sources(SCRIPTS / "training.py"))
"""


@pytest.fixture
def library(tmp_path):
    """A copy of the library, with the metric, the figure and the objective added."""
    shutil.copytree(LIBRARY, tmp_path / "ventral", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SCRIPTS, tmp_path / "scripts")
    shutil.copy(ADDITIONS / "curvature.py", tmp_path / "ventral" / "geometry")
    shutil.copy(ADDITIONS / "straightness.py", tmp_path / "ventral" / "figures")
    shutil.copy(ADDITIONS / "vicreg.py", tmp_path / "ventral" / "training" / "objectives")
    return tmp_path


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(METRIC, "90.0 True", id="metric"),
        pytest.param(FIGURE, "straightness 2", id="figure"),
        pytest.param(OBJECTIVE, "True True", id="objective"),
    ],
)
def test_an_addition_is_one_file(library, code, said):
    path = os.pathsep.join([str(library), str(HELPERS)])
    run = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == said.split()
