"""Entries as classes: the files made from them are current, they are light, and a new kind is one module."""

import json
import shutil
import subprocess
import sys

import pytest
import yaml
from pydantic import TypeAdapter, ValidationError

from ventral.config.json_schema import schema
from ventral.config.places import ROOT
from ventral.config.schema import SCHEMA
from ventral.config.study_entry import Study
from ventral.stimuli.augmentations import PARAMETERS
from ventral.stimuli.kinds import stimulus_entry

RECORDING = '''
"""Responses that count: the number of each image plus that of each unit."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from annotated_types import Ge

from ventral.config.entry import Key
from ventral.recordings.recording_entry import RecordingEntry
from ventral.recordings.recording import Recording
from ventral.stimuli import read_table


@dataclass(frozen=True, kw_only=True)
class Counted(RecordingEntry):
    """Responses that count."""

    kind: Literal["counted"]
    stimuli: Annotated[str, Key("The set that the units respond to.")]
    units: Annotated[int, Ge(1), Key("How many.")] = 3

    def record(self, name, stimuli):
        ids = read_table(stimuli).stimulus_id.to_numpy()
        return Recording(
            name=name,
            responses=np.add.outer(np.arange(self.units), np.arange(len(ids))).astype(float),
            trials=None,
            units=pd.DataFrame({"unit": range(self.units), "area": "V0", "animal": "none"}),
            stimulus_id=ids,
            simulated=True,
            licence="none",
            citation="none",
            source="counted",
        )
'''
STIMULI = '''
"""Squares of one gray each."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Pooling, Several
from ventral.stimuli.stimulus_entry import StimulusEntry


@dataclass(frozen=True, kw_only=True)
class Squares(StimulusEntry):
    """Squares of one gray each."""

    kind: Literal["squares"]
    grays: Several = 4
    pooling: Pooling = "none"

    def make(self, name, threads=1, source=None):
        ids = [f"gray{i}" for i in range(self.grays)]
        table = pd.DataFrame({"stimulus_id": ids, "scene": "", "parameter": "", "level": -1, "label": ""})
        return (np.full((16, 16, 3), i, np.uint8) for i in range(self.grays)), table, f"{self.grays} squares."
'''
SOURCE = '''
"""Responses that are the means over some columns of pixels."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from ventral.config.entry import Key
from ventral.models.model import Built
from ventral.models.model_entry import ModelEntry


class Means:
    layers = ("means",)

    def __init__(self, columns):
        self.columns = columns

    def __call__(self, images):
        return {"means": images[:, :, : self.columns].mean((1, 3))}


@dataclass(frozen=True, kw_only=True)
class ColumnMeans(ModelEntry):
    """Responses that are means over columns."""

    network_keys: ClassVar[tuple[str, ...]] = ("columns",)

    source: Literal["means"]
    columns: Annotated[int, Ge(1), Key("How many.")] = 2

    def build(self, name):
        return Built(Means(self.columns), f"means of {self.columns} columns")

    def weights_in_words(self, seed):
        return "no weights"

    def known_kind(self):
        return "untrained"
'''
STUDY = {
    "stimuli": {"squares": {"kind": "squares", "grays": 5}},
    "models": {
        "pixels": {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"]},
        "means": {"source": "means", "columns": 3},
    },
    "recordings": {"mine": {"kind": "counted", "stimuli": "squares"}},
}
RUN = """
import json, sys
from ventral.config.complete import complete
from ventral.models import load_model
from ventral.recordings import read_recording
from ventral.recordings.prepare import make as record
from ventral.stimuli.write_set import make
from ventral.core.errors import Fault
from ventral.study import Study
study = Study(complete(json.loads(sys.argv[1])))
make("squares", study.stimuli_spec("squares"), "squares.h5", "squares.png")
record("mine", study.recording_spec("mine"), "mine.h5", "squares.h5")
print(read_recording("mine.h5").responses.tolist())
print(study.layers["means"], study.layer_table()[-1]["kind"], load_model(study.model_spec("means")).network.columns)
wrong = json.loads(sys.argv[1])
wrong["stimuli"]["squares"] = {"kind": "sqares"}
wrong["recordings"]["mine"]["unitz"] = 2
wrong["models"]["means"]["columns"] = 0
try:
    complete(wrong)
except Fault as fault:
    print(fault)
"""


def test_the_schema_is_current():
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema(), "run: python -m ventral.config.json_schema"


@pytest.mark.parametrize("study", ["config.yaml", *sorted((ROOT / "workflow" / "studies").glob("*.yaml"))])
def test_pydantic_accepts_the_studies_of_the_project(study):
    TypeAdapter(Study).validate_python(yaml.safe_load((ROOT / study).read_text()))


def test_pydantic_names_the_key_of_each_fault():
    with pytest.raises(ValidationError) as error:
        TypeAdapter(Study).validate_python({"sed": 1, "stimuli": {"scenes": {"kind": "scenes", "base_scenes": 1}}})
    assert {one["loc"] for one in error.value.errors()} == {("sed",), ("stimuli", "scenes", "scenes", "base_scenes")}


def test_a_job_that_checks_the_configuration_imports_nothing_heavy():
    code = "import sys, ventral.study, ventral.config.complete; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"PIL", "av", "joblib", "pooch", "pydantic", "torch", "trimesh", "xarray"}.isdisjoint(run.stdout.split())


def test_augmentations_vary_what_all_images_share():
    assert stimulus_entry({"kind": "augmentations", "folder": "photos"}).varied() == list(PARAMETERS)


def test_a_new_kind_is_one_module(tmp_path):
    library = tmp_path / "workflow" / "ventral"
    shutil.copytree(ROOT / "workflow" / "ventral", library, ignore=shutil.ignore_patterns("__pycache__"))
    (library / "recordings" / "kinds" / "counted.py").write_text(RECORDING)
    (library / "stimuli" / "kinds" / "squares.py").write_text(STIMULI)
    (library / "models" / "sources" / "column_means.py").write_text(SOURCE)
    python = {"cwd": tmp_path, "env": {"PYTHONPATH": str(library.parent), "PATH": "", "HOME": str(tmp_path)}}
    subprocess.run([sys.executable, "-m", "ventral.config.json_schema"], check=True, **python)
    run = subprocess.run([sys.executable, "-c", RUN, json.dumps(STUDY)], capture_output=True, text=True, **python)
    assert run.returncode == 0, run.stderr
    responses, model, *faults = run.stdout.splitlines()
    assert json.loads(responses) == [[unit + image for image in range(5)] for unit in range(3)]
    assert model == "['means'] untrained 3"
    assert "models.means.columns: 0 is less than" in "\n".join(faults)
    assert "stimuli.squares.kind: 'sqares'" in "\n".join(faults) and "(did you mean 'squares'?)" in "\n".join(faults)
    assert "recordings.mine.unitz: unknown key (did you mean 'units'?)." in "\n".join(faults)
    page = subprocess.run(
        [sys.executable, "-m", "ventral.config.key_reference"], capture_output=True, text=True, **python
    )
    assert "### `kind: squares`" in page.stdout and "### `kind: counted`" in page.stdout
    assert "### `source: means`" in page.stdout
