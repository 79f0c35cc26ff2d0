"""Ridge of one layer to the voxels of a recording of published size, with its control and intervals, against himalaya.

    python tests/benchmarks/voxels.py [images [features [voxels]]]

himalaya is no dependency; its user installs it, such as in a folder of its own::

    pip install --target PEERS --no-deps himalaya
    PYTHONPATH=PEERS python tests/benchmarks/voxels.py

10,000 images × 15,000 voxels, 2,048 features (the last layer of a ResNet-50), five folds, one of 31 penalties per
voxel. With 25,088 features both sides work on the products of the images. Features are Gaussian with variances 1/rank,
voxels read them out linearly, with noise, and have a given ceiling.

Ventral makes all folds, of all voxels and of their shuffled responses, and the intervals over images and over voxels.
himalaya makes the fits of one fold, in float32 and with five inner folds: `RidgeCV` or, if there are more features than
images, `KernelRidgeCV` on the products, made beforehand. It runs for 500 and for 1,500 voxels; the line through both
gives the time of all voxels, which is taken five times. "whole job" is the workflow's job, with partial least squares,
regressions on components, RSA and CKA, read from its files.

Every run is a process of its own, with times of the processor in seconds, and its peak of memory in all.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from memory import megabytes

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from stage_of_size import run

IMAGES, FEATURES, VOXELS, FOLDS = 10_000, 2_048, 15_000, 5
PENALTIES = np.logspace(-5, 5, 31)  # in mean eigenvalues of the training Gram, here the sum of the variances
TIMED = (500, 1_500)  # voxels of himalaya's runs
AT_ONCE = 1_000


def main(arguments: list[str]) -> None:
    n, d, voxels = [*map(int, arguments), *(IMAGES, FEATURES, VOXELS)[len(arguments) :]]
    print(f"{n:,} images × {d:,} features, {voxels:,} voxels\n")
    print("| | processor, s | peak, MB | median r |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_inputs(folder, n, d, voxels)
        ours = side("ventral", folder)
        print(
            f"| Ventral, ridge, control and intervals | {ours['s']:.0f} | {ours['MB']:,.0f} | {ours['r']:.4f} |",
            flush=True,
        )
        try:
            first, second = (side("himalaya", folder, str(count)) for count in TIMED)
        except subprocess.CalledProcessError:
            print("\nhimalaya cannot be imported, or failed.")
        else:
            slope = (second["s"] - first["s"]) / (TIMED[1] - TIMED[0])
            s = FOLDS * (first["s"] + slope * (voxels - TIMED[0]))
            print(f"| himalaya, ridge without control and intervals, extrapolated | {s:.0f} | | {second['r']:.4f} |")
            print(
                f"\nVentral is {s / ours['s']:.1f} times as fast; {TIMED} voxels of one fold took himalaya "
                f"{first['s']:.1f} and {second['s']:.1f} s, and {second['MB']:,.0f} MB.",
                flush=True,
            )
        processor, _, peak = run("predictivity", folder)
        print(f"\n| whole job | {processor:.0f} | {peak:,.0f} | |")


def side(*arguments) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def write_inputs(folder: Path, n: int, d: int, voxels: int) -> None:
    """A Gram, a recording and a stimulus table, as files of the workflow."""
    from dataclasses import replace

    import pandas as pd

    from ventral.core.hdf5 import create_hdf5, write_frame, write_texts
    from ventral.gram import gram, write_gram
    from ventral.stimuli import write_stimuli

    rng, ids = np.random.default_rng(0), [f"image{i:05d}" for i in range(n)]
    X = rng.standard_normal((n, d), np.float32)
    X *= np.sqrt(1 / np.arange(1, d + 1, dtype=np.float32))
    write_gram(replace(gram(X, device="cpu"), stimulus_id=np.array(ids)), folder / "gram.h5")
    columns = {"scene": ids, "parameter": "", "level": 0, "label": ""}
    noise = (rng.integers(0, 256, (4, 4, 3), np.uint8) for _ in range(n))
    write_stimuli(folder / "stimuli.h5", noise, pd.DataFrame({"stimulus_id": ids} | columns), "folder", "Noise.")
    with create_hdf5(folder / "recording.h5") as file:
        responses = file.create_dataset("responses", (voxels, n), np.float64, chunks=(1, n), fletcher32=True)
        for start in range(0, voxels, AT_ONCE):
            y = X @ rng.standard_normal((d, min(AT_ONCE, voxels - start)), np.float32)
            responses[start : start + y.shape[1]] = (y + y.std() * rng.standard_normal(y.shape, np.float32)).T
        write_texts(file, "stimulus_id", ids)
        units = pd.DataFrame({"unit": np.arange(voxels), "area": "V4", "animal": "none", "noise_ceiling": 0.5})
        write_frame(file.create_group("units"), units)
        file.attrs.update(
            {"simulated": True, "dropped_units": 0} | dict.fromkeys(("source", "licence", "citation"), "")
        )


def ventral(folder: Path) -> float:
    from ventral.gram import read_gram
    from ventral.predictivity.encoding import MODELS
    from ventral.predictivity.layer_scores import encoding_rows
    from ventral.predictivity.target import prepare
    from ventral.recordings import read_recording
    from ventral.stimuli import read_table

    for name in MODELS.keys() - {"ridge"}:
        del MODELS[name]
    target = prepare(
        read_recording(folder / "recording.h5"),
        read_table(folder / "stimuli.h5"),
        {"kind": "kfold", "folds": FOLDS, "seed": 1},
        0,
    )
    rows, _ = encoding_rows(read_gram(folder / "gram.h5"), target, None)
    return next(row["value"] for row in rows["V4"] if row["metric"] == "ridge_r")


def himalaya(folder: Path, voxels: int) -> float:
    import h5py
    from himalaya.kernel_ridge import KernelRidgeCV
    from himalaya.ridge import RidgeCV

    from ventral.gram import read_gram
    from ventral.predictivity import kfold_splits
    from ventral.statistics.correlation import pearson

    G = read_gram(folder / "gram.h5")
    with h5py.File(folder / "recording.h5") as file:
        Y = file["responses"][:voxels].T.astype(np.float32)
    train, test = kfold_splits(np.arange(len(G)), FOLDS, 1)[0]
    scale = np.sum(1 / np.arange(1, G.n_features + 1))
    batches = {"n_targets_batch": AT_ONCE}
    if G.responses is None:
        K = G.centered.astype(np.float32)
        of_train, of_test = K[np.ix_(train, train)], K[np.ix_(test, train)]
        model = KernelRidgeCV(
            PENALTIES * scale, "precomputed", fit_intercept=True, cv=5, solver_params=batches, warn=False
        )
    else:
        X = G.responses.astype(np.float32)
        of_train, of_test = X[train], X[test]
        model = RidgeCV(PENALTIES * scale, fit_intercept=True, cv=5, solver_params=batches)
    started = time.process_time()
    P = model.fit(of_train, Y[train]).predict(of_test)
    himalaya.seconds = time.process_time() - started
    return np.median(pearson(np.asarray(P, float), Y[test].astype(float)))


def one(name: str, folder: str, *voxels: str) -> None:
    function = {"ventral": ventral, "himalaya": himalaya}[name]
    r = function(Path(folder), *map(int, voxels))
    seconds = getattr(function, "seconds", time.process_time())
    print(json.dumps({"s": seconds, "MB": megabytes("VmHWM"), "r": float(r)}))


if __name__ == "__main__":
    if sys.argv[1:] and not sys.argv[1].isdigit():
        one(*sys.argv[1:])
    else:
        main(sys.argv[1:])
