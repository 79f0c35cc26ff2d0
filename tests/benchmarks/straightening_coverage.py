"""Do the 95 % intervals of curvature and straightening hold the mean over many clips?

    python tests/benchmarks/straightening_coverage.py [trials] [scenes]

Every trial draws clips from a population: rendered clips of each motion, measured in their pixels and in the energies
of Gabor filters, or simulated clips, of which one in ten is far more curved than the others.
"""

import sys
import tempfile
from itertools import product
from pathlib import Path

import numpy as np

from ventral.geometry.straightening import curvature, mean_row, pixel_curvature
from ventral.gram import gram
from ventral.models.baselines import gabor_energy
from ventral.stimuli import open_images, read_table
from ventral.stimuli.motions import MOTIONS
from ventral.stimuli.write_set import make

TRIALS, SCENES, FRAMES, SIZE = 1000, 60, 8, 64


def main(trials: int, scenes: int) -> None:
    print("| clips | n | mean | spread over clips | holds mean |\n|---|---|---|---|---|")
    for (name, population), n in product((rendered(scenes) | simulated()).items(), (6, 12, 24, 100)):
        rng, mean = np.random.default_rng(n), population.mean()
        rows = [mean_row("curvature", rng.choice(population, n), -180) for _ in range(trials)]
        held = np.mean([row["low"] <= mean <= row["high"] for row in rows])
        print(f"| {name} | {n} | {mean:.1f} | {population.std():.1f} | {held:.1%} |", flush=True)


def rendered(scenes: int) -> dict[str, np.ndarray]:
    """Curvature of the pixels of rendered clips, and how much straighter Gabor energies are."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clips.h5"
        spec = {"kind": "scenes", "base_scenes": scenes, "motions": [*MOTIONS], "frames": FRAMES, "size": SIZE}
        make("clips", spec, path, path.with_suffix(".png"))
        table, of_pixels = read_table(path), pixel_curvature(path)
        with open_images(path) as images:
            energies = np.concatenate([gabor_energy()(part)["energy"] for part in np.array_split(images[:], scenes)])
    found = {}
    for motion, rows in table.groupby("parameter", sort=False).indices.items():
        shown = table.iloc[rows]
        curved = curvature(gram(energies[rows], device="cpu"), shown.scene.to_numpy(), shown.level.to_numpy())
        first = of_pixels[rows].reshape(scenes, FRAMES)[:, 0]
        found |= {f"{motion}, pixels": first, f"{motion}, straightening by Gabor energies": first - curved}
    return found


def simulated() -> dict[str, np.ndarray]:
    """Curvatures of which one in ten is far larger."""
    rng = np.random.default_rng(0)
    curved = 40 + 5 * rng.standard_normal(5000)
    return {"simulated, one in ten far more curved": np.where(rng.random(5000) < 0.1, curved + 70, curved)}


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:]]
    main(*given, *(TRIALS, SCENES)[len(given) :])
