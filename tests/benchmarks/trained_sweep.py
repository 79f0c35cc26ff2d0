"""Few-shot reading of rendered categories in the networks that the default study trains, and before training.

    python tests/benchmarks/trained_sweep.py [--configfile FILE] [--stimuli FOLDER] [--set naturalistic]

For each network of the study (`config.yaml` unless another file is named) and for its twin before training, a logistic
read-out learns each category from 20 images of a labeled set and names others, as the metric `logistic_top_1` does.
Stimulus sets are rendered, or taken from a folder such as `results/stimuli`. Processor seconds are those of training.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from ventral.config.complete import complete
from ventral.config.study_file import read_study
from ventral.core.hdf5 import open_hdf5
from ventral.core.random import generator
from ventral.geometry.few_shot import few_shot
from ventral.gram import gram
from ventral.models import extract, load_model
from ventral.stimuli import open_images, read_table
from ventral.stimuli.write_set import make
from ventral.study import Study
from ventral.training import train
from ventral.training.encoder import build
from ventral.training.loop import write_weights

ROOT = Path(__file__).parent.parent.parent
SHOTS, DRAWS = 20, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configfile", type=Path, default=ROOT / "config.yaml")
    parser.add_argument("--stimuli", type=Path)
    parser.add_argument("--set", default="naturalistic")
    options = parser.parse_args()
    torch.set_num_threads(1)
    study = Study(complete(read_study(options.configfile)))
    layers = next(study.layers[name] for name in study.networks)
    print(f"| network | {' | '.join(layers)} | seconds |\n|---|{'---|' * len(layers)}---|")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for number, (name, spec) in enumerate(study.networks.items()):
            source = [stimulus_set(study, one, options.stimuli, folder) for one in study.training_sets(name)]
            shown = stimulus_set(study, options.set, options.stimuli, folder)
            if number == 0:
                (folder / "before").mkdir()
                write_weights(build(spec, 0, name).encoder, spec, folder / "before" / "network.pth")
                report("before training", study.model_spec(name), folder / "before", shown, 0.0)
            begun = time.process_time()
            train(spec, folder / name, next(iter(source), None))
            report(name, study.model_spec(name), folder / name, shown, time.process_time() - begun)


def stimulus_set(study: Study, name: str, there: Path | None, folder: Path) -> Path:
    """The file of a stimulus set, which is made if it is in no folder."""
    if there is not None:
        return there / f"{name}.h5"
    if not (folder / f"{name}.h5").exists():
        make(name, study.stimuli_spec(name), folder / f"{name}.h5", folder / f"{name}.png")
    return folder / f"{name}.h5"


def report(name: str, entry: dict, folder: Path, shown: Path, seconds: float) -> None:
    """Print a row of the table: the share of images that are named correctly, for each layer."""
    model = load_model(entry | {"file": str(folder / "network.pth")}, name)
    labels = read_table(shown)["label"].to_numpy().astype(str)
    with open_images(shown) as images:
        extract(model, images, entry["layers"], folder / "responses.h5")
    with open_hdf5(folder / "responses.h5") as file:
        grams = [gram(np.asarray(file[layer]), device="cpu") for layer in entry["layers"]]
    shares = [few_shot(G, labels, SHOTS, generator("few-shot", 0), "logistic", DRAWS).top_1 for G in grams]
    print(f"| {name} | {' | '.join(f'{share:.3f}' for share in shares)} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
