"""The hash behind a stage covers what its script really imports."""

import subprocess
import sys
from pathlib import Path

import pytest

from ventral.core.code_hash import LIBRARY, SCRIPTS, sources, stage_hash

STAGES = sorted(path.stem for path in SCRIPTS.glob("*.py"))

IMPORTS = """
import builtins, runpy, sys
class Stop(Exception): pass
class Snakemake:
    def __getattr__(self, name): raise Stop
try:
    runpy.run_path(sys.argv[1], init_globals={"snakemake": Snakemake()})
except Stop:
    pass
for module in list(sys.modules.values()):
    if getattr(module, "__name__", "").split(".")[0] == "ventral" and getattr(module, "__file__", None):
        print(module.__file__)
"""


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_the_hash_covers_every_imported_module(stage):
    script = SCRIPTS / f"{stage}.py"
    run = subprocess.run([sys.executable, "-c", IMPORTS, script], capture_output=True, text=True, check=True)
    imported = {Path(line) for line in run.stdout.split()}
    assert imported
    assert imported <= sources(script)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_does_not_depend_on_later_ones(stage):
    order = ["stimuli", "recordings", "training", "activations", "gram", "geometry"]
    order += ["recording_geometry", "components", "predictivity", "behavior", "distances"]
    order += ["accuracy", "summary", "paired", "similarity"]
    order += ["summarize_recordings", "summarize_accuracy", "lambda_sweep", "provenance", "figures", "curve", "report"]
    later = order[order.index(stage) + 1 :]
    if stage == "stimuli":
        later.remove("recordings")  # a recording brings images of its own
    if stage in ("geometry", "recording_geometry"):
        later.remove("predictivity")
    reached = {
        path.relative_to(LIBRARY).parts[0].removesuffix(".py")
        for path in sources(SCRIPTS / f"{stage}.py")
        if LIBRARY in path.parents
    }
    assert not reached & set(later)


def test_changing_one_stage_leaves_the_others():
    target = LIBRARY / "geometry" / "spectrum.py"
    behind = {stage for stage in STAGES if target in sources(SCRIPTS / f"{stage}.py")}
    readers = {"summary", "paired", "summarize_accuracy", "lambda_sweep", "figures", "curve", "report"}
    assert behind == {"geometry", "recording_geometry"} | readers  # of records of metrics


def test_discovered_modules_count_as_imported():
    behind = {path.name for path in sources(SCRIPTS / "geometry.py")}
    assert {"few_shot.py", "augmentation_geometry.py", "factorization_rows.py", "dimensionality_rows.py"} <= behind
    assert not {"cross_validated.py", "rotation.py", "recording_geometry.py"} & behind  # they offer no family


def test_a_hash_is_short_and_steady():
    assert len(stage_hash("gram")) == 16
    assert stage_hash("gram") == stage_hash("gram") != stage_hash("geometry")
