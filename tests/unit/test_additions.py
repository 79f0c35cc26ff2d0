"""A new metric, figure, chart or objective is one file beside its test: rules, tables, schema and docs find it.

A new encoding model is one file, and one entry of `ventral.predictivity.encoding.MODELS`.
"""

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
directness = rows.value[rows.metric == "directness"].item()
print(round(directness, 3), "| `directness` | directness | geometry | 0 to 1" in page())
for script in ("geometry", "summary", "figures"):
    assert any(path.name == "directness.py" for path in sources(SCRIPTS / f"{script}.py"))
"""
ENCODING = """
from dataclasses import replace
import numpy as np, pandas as pd
from ventral.catalog import page
from ventral.core.code_hash import sources, SCRIPTS
from ventral.gram import gram
from ventral.predictivity import kfold_splits, measure
from ventral.predictivity.encoding import encodings
from ventral.recordings import Recording

rng = np.random.default_rng(0)
X = np.repeat(rng.standard_normal((20, 5)), 2, axis=0) + 1e-3 * rng.standard_normal((40, 5))
Y = X @ rng.standard_normal((5, 3))
apart = np.arange(0, 40, 2), np.arange(1, 40, 2)  # the nearest training image is the other one of a pair
G = gram(X, device="cpu")
[block] = encodings(G, Y, apart, np.arange(40))
np.testing.assert_array_equal(block.predicted["nearest"].predictions, Y[::2])

ids = np.array([f"image{i:02d}" for i in range(40)], dtype=object)
units = pd.DataFrame({"unit": range(3), "area": "IT", "animal": "none"})
recording = Recording("small", Y.T, None, units, ids, True, "", "", "")
table = pd.DataFrame({"stimulus_id": ids, "label": ""})
rows, _ = measure(replace(G, stimulus_id=ids), recording, table, {"kind": "kfold", "folds": 4, "seed": 1}, 0)
print({"nearest_r", "nearest_R2"} <= set(rows.metric), "| `nearest_r^2/c` | nearest r²/c | score |" in page())
assert any(path.name == "nearest.py" for path in sources(SCRIPTS / "predictivity.py"))
"""
ENTRY = """MODELS = {
    "nearest": EncodingModel("nearest", "the responses to the nearest training image", OTHERS, fit_nearest),
"""
FIGURE = """
import sys
from ventral.figures.spec import specs
assert "clip_directness" in specs() and not {"matplotlib", "pandas"} & {*sys.modules}
import ventral.study
assert "matplotlib" not in sys.modules

from ventral.figures.drawing import draw
import synthetic
study = synthetic.study(2, 3, 0)
tables = {name: study[name] for name in specs()["clip_directness"].tables}
tables["geometry"] = tables["geometry"].replace({"metric": {"alpha": "directness"}})
print([*specs()][-1], len(draw("clip_directness", tables).axes[0].lines))
"""
CHART = """
import pandas as pd
from ventral.core.code_hash import sources, SCRIPTS
from ventral.report.charts.chart import charts, drawings

table = pd.DataFrame({"model": "a", "layer": ["x", "y"], "directness@clips": [0.5, 0.7]})
print([*charts()][-1], "clips" in drawings({"layers": table}), "clips" in drawings({"layers": table.iloc[:, :2]}))
assert any(path.name == "clips.py" for path in sources(SCRIPTS / "report.py"))
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
    """A copy of the library, with the metric, the encoding model, the figure, the chart and the objective added."""
    shutil.copytree(LIBRARY, tmp_path / "ventral", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SCRIPTS, tmp_path / "scripts")
    shutil.copy(ADDITIONS / "directness.py", tmp_path / "ventral" / "geometry")
    shutil.copy(ADDITIONS / "nearest.py", tmp_path / "ventral" / "regression")
    encoding = tmp_path / "ventral" / "predictivity" / "encoding.py"
    text = encoding.read_text().replace("MODELS = {\n", ENTRY, 1)
    encoding.write_text(
        text.replace("\nCOMPONENTS", "from ventral.regression.nearest import fit_nearest\n\nCOMPONENTS", 1)
    )
    shutil.copy(ADDITIONS / "clip_directness.py", tmp_path / "ventral" / "figures")
    shutil.copy(ADDITIONS / "clips.py", tmp_path / "ventral" / "report" / "charts")
    shutil.copy(ADDITIONS / "vicreg.py", tmp_path / "ventral" / "training" / "objectives")
    return tmp_path


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(METRIC, "0.333 True", id="metric"),
        pytest.param(ENCODING, "True True", id="encoding"),
        pytest.param(FIGURE, "clip_directness 2", id="figure"),
        pytest.param(CHART, "clips True False", id="chart"),
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
