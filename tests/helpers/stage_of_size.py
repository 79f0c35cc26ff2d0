"""One job of the workflow at a given size, in a process of its own: what it uses, and the files that it leaves.

python tests/helpers/stage_of_size.py STAGE FOLDER SETTINGS   prints processor seconds, wall seconds, peak megabytes
"""

import json
import resource
import runpy
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from checkout import ROOT

BLOCK = 4096  # features made up at once
KFOLD = {"kind": "kfold", "folds": 5, "seed": 1}
SETTINGS = {"model": "net", "layers": ["layer"], "thresholds": [0.9], "seed": 0, "splits": KFOLD, "projection": None}
SETTINGS |= {"families": {}, "others": "made_up"}


def write_inputs(folder: Path, n: int, d: int, classes: int, units: int = 0, repeats: int = 3) -> None:
    """A set of n images in classes, responses of one layer of d features to it, and a recording of some units.

    The responses have centers by class and a spectrum that falls with the rank, made up block by block. The recording
    responds to the first features, with noise.
    """
    import pandas as pd

    from ventral.core.hdf5 import create_hdf5, write_texts
    from ventral.gram import ORIGIN
    from ventral.recordings import Recording, write_recording
    from ventral.stimuli import write_stimuli

    folder.mkdir(parents=True, exist_ok=True)
    rng, labels = np.random.default_rng(0), np.arange(n) % classes
    ids = [f"image{i}" for i in range(n)]
    columns = {"scene": ids, "parameter": "", "level": 0, "label": [f"class{label}" for label in labels]}
    noise = (rng.integers(0, 256, (4, 4, 3), np.uint8) for _ in range(n))
    table = pd.DataFrame({"stimulus_id": ids} | columns)
    write_stimuli(folder / "stimuli.h5", noise, table, "folder", "Noise.")
    with create_hdf5(folder / "activations.h5") as file:
        layer = file.create_dataset("layer", (n, d), np.float32, chunks=(min(n, 64), min(d, BLOCK)), fletcher32=True)
        for start in range(0, d, BLOCK):
            scale = np.arange(start + 1, min(start + BLOCK, d) + 1, dtype=np.float32) ** -0.5
            centers = rng.standard_normal((classes, len(scale)), np.float32)[labels] / 2
            part = (centers + rng.standard_normal(centers.shape, np.float32)) * scale
            layer[:, start : start + len(scale)] = part
            if not start:
                first = part[:, :50]
        write_texts(file, "stimulus_id", ids)
        file.attrs.update(dict.fromkeys(ORIGIN, "made up"))
    if units:
        signal = rng.standard_normal((units, first.shape[1])) @ first.T
        trials = signal[..., None] + rng.standard_normal((units, n, repeats)) * signal.std()
        about = pd.DataFrame({"unit": [f"unit{i}" for i in range(units)], "area": "V4", "animal": "none"})
        about["noise_ceiling"] = 0.7
        source = dict.fromkeys(("licence", "citation", "source"), "made up")
        recording = Recording("made_up", trials.mean(axis=-1), trials, about, np.array(ids), simulated=True, **source)
        write_recording(folder / "recording.h5", recording)


def run(stage: str, folder: Path, **settings) -> tuple[float, float, float]:
    """Processor seconds, wall seconds and peak megabytes of one job, the start of Python included.

    Settings replace those of `SETTINGS`.
    """
    command = [sys.executable, __file__, stage, str(folder), json.dumps(settings)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    return tuple(json.loads(done.stdout.splitlines()[-1]))


def inputs(stage: str, folder: Path):
    """The input files of a stage, as Snakemake names them."""
    files = ("activations", "gram", "stimuli", "recording")
    activations, gram, stimuli, recording = (str(folder / f"{name}.h5") for name in files)
    return {
        "gram": [activations],
        "geometry": SimpleNamespace(grams=[gram], stimuli=[stimuli]),
        "predictivity": SimpleNamespace(grams=[gram], stimuli=stimuli, recording=recording, components=[]),
        "recording_geometry": SimpleNamespace(recording=recording, stimuli=stimuli),
        "similarity": SimpleNamespace(grams=[], stimuli=[], recordings=[recording]),
        "components": SimpleNamespace(images=activations, others=str(folder / "others" / "activations.h5")),
    }[stage]


def _outputs(stage: str, folder: Path):
    gram, table, file = (str(folder / name) for name in ("gram.h5", f"{stage}.csv", f"{stage}.h5"))
    return {
        "gram": [gram],
        "geometry": SimpleNamespace(tables=[table], spectra=[file]),
        "predictivity": SimpleNamespace(areas=[table], details=[str(folder / "units.parquet")]),
        "recording_geometry": SimpleNamespace(table=table),
        "similarity": SimpleNamespace(table=table, universality=str(folder / "universality.csv")),
        "components": [file],
    }[stage]


def _job(stage: str, folder: Path, settings: dict) -> None:
    """Run a stage's own script as Snakemake does."""
    names = {"predictivity": "made_up", "similarity": {"recording": "made_up"}}.get(stage, ["made_up"])
    snakemake = SimpleNamespace(
        input=inputs(stage, folder),
        output=_outputs(stage, folder),
        log=[str(folder / f"{stage}.log")],
        params=SimpleNamespace(**SETTINGS | settings, stimuli=names),
        wildcards=SimpleNamespace(recording="made_up"),
        resources=SimpleNamespace(device="cpu"),
    )
    start = time.perf_counter()
    runpy.run_path(str(ROOT / "workflow" / "scripts" / f"{stage}.py"), {"snakemake": snakemake})
    used, status = resource.getrusage(resource.RUSAGE_SELF), Path("/proc/self/status").read_text()
    peak = status.partition("VmHWM:")[2].split()[0]  # ru_maxrss would count the process that started this one
    print(json.dumps([used.ru_utime + used.ru_stime, time.perf_counter() - start, int(peak) / 1e3]))


if __name__ == "__main__":
    _job(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
