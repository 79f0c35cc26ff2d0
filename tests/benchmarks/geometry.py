"""Speed and memory of the geometry stage, Gram included, against principal components from scikit-learn.

    python tests/benchmarks/geometry.py [runs]
    python tests/benchmarks/geometry.py families

Factorization: 100 scenes × 10 levels × 4 parameters × 100,352 units. The published way takes 10,000 units at random,
PCA(500) of the 1,000 images of each parameter, and the metric on these components; here it is done so, and on all
units. Ventral does the same from the Gram of each parameter; and, as in the workflow, everything from the Gram of all
4,000 images: corrected forms, parameters against each other, 1,000 resamples and 20 shuffles, which PCA does not give.

Dimensionality: 4,000 images × 25,088 units, full PCA against the Gram with plain and corrected effective
dimensionality and their intervals, and against the whole spectrum. Responses are Gaussian with variances 1/rank.

Decoding of 24 variables of the same 4,000 images, and few-shot accuracy of 20 classes under three rotations: as shares
of the Gram.

Every run is a process of its own; memory is its peak beyond the responses, which both sides get as float32.

`families` measures every family of metrics once, with seven times as many scenes and classes and twice as many
augmented images as in `known_truth_layers.py`, and prints its processor time as a share of that of the Gram of as many
images × 100,352 units.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from memory import megabytes

SCENES, LEVELS, PARAMETERS, UNITS, SUBSET, COMPONENTS = 100, 10, 4, 100_352, 10_000, 500
THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99)
IMAGES, FEATURES = 4_000, 25_088
VARIABLES, CLASSES = 24, 20
RUNS = 5


def main(runs: int) -> None:
    found = {name: [] for name in SIDES}
    for _ in range(runs):
        for name in SIDES:
            found[name].append(measured(name))
            print(name, found[name][-1], file=sys.stderr)
    print("| | seconds | of these the Gram | MB beyond the responses |\n|---|---|---|---|")
    for name, times in found.items():
        seconds, of_gram, memory = (statistics.median(one[key] for one in times) for key in ("s", "gram", "MB"))
        print(f"| {name} | {seconds:.1f} | {f'{of_gram:.1f}' if of_gram else ''} | {memory:,.0f} |")
    print()
    for faster, slower in (
        ("Ventral, factorization", "PCA(500) per parameter, all units"),
        ("Ventral, factorization", "PCA(500) per parameter, 10,000 units"),
        ("Ventral, everything on factorization", "PCA(500) per parameter, all units"),
        ("Ventral, everything on factorization", "PCA(500) per parameter, 10,000 units"),
        ("Ventral, effective dimensionality", "full PCA"),
        ("Ventral, whole spectrum", "full PCA"),
    ):
        pairs = list(zip(found[faster], found[slower], strict=True))
        speed = statistics.median(b["s"] / a["s"] for a, b in pairs)
        memory = statistics.median(a["MB"] / b["MB"] for a, b in pairs)
        print(f"{faster}: {speed:.1f} times as fast as {slower}, with {100 * memory:.0f} % of its memory.")
    whole = found["Ventral, everything on factorization"]
    again = statistics.median((one["s"] - one["gram"]) / one["gram"] for one in whole)
    print(f"The whole family with its 1,000 resamples and 20 shuffles costs {again:.2f} times the Gram.")
    for name in ("Ventral, decoding of variables", "Ventral, few examples under rotations"):
        share = statistics.median((one["s"] - one["gram"]) / one["gram"] for one in found[name])
        print(f"{name.removeprefix('Ventral, ').capitalize()} costs {share:.3f} of the Gram.")


def measured(name: str) -> dict[str, float]:
    out = subprocess.run([sys.executable, __file__, name], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def varied(units: int = UNITS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Responses (images, units), scenes and parameters; each parameter has axes of its own and some of the scenes'."""
    rng, spread = np.random.default_rng(0), np.sqrt(1 / np.arange(1, units + 1, dtype=np.float32))
    base = rng.standard_normal((SCENES, 1, units), np.float32) * spread
    X = np.empty((PARAMETERS, SCENES, LEVELS, units), np.float32)
    for p in range(PARAMETERS):
        X[p] = rng.standard_normal((SCENES, LEVELS, units), np.float32)
        X[p] *= np.roll(spread, 50 * p)
        X[p] += base
    scenes = np.tile(np.repeat([f"scene{i:03d}" for i in range(SCENES)], LEVELS), PARAMETERS)
    return X.reshape(-1, units), scenes, np.repeat([f"parameter{p}" for p in range(PARAMETERS)], SCENES * LEVELS)


def independent() -> np.ndarray:
    rng, spread = np.random.default_rng(0), np.sqrt(1 / np.arange(1, FEATURES + 1, dtype=np.float32))
    X = rng.standard_normal((IMAGES, FEATURES), np.float32)
    X *= spread
    return X


def ours_factorization():
    from ventral.geometry import factorization
    from ventral.gram import gram

    X, scenes, _ = varied()
    yield
    for part in np.split(X, PARAMETERS):
        G = gram(part, device="cpu")
        for threshold in THRESHOLDS:
            factorization(G, scenes[: len(part)], threshold)


def ours_family():
    from ventral.geometry import factorization_family
    from ventral.gram import gram

    X, scenes, parameters = varied()
    yield
    G = gram(X, device="cpu")
    yield
    factorization_family(G, scenes, parameters, THRESHOLDS)


def theirs_factorization(units: int):
    from sklearn.decomposition import PCA

    X, _, _ = varied()
    yield
    if units < X.shape[1]:
        X = X[:, np.random.default_rng(0).choice(X.shape[1], units, replace=False)]
    for part in np.split(X, PARAMETERS):
        Z = PCA(COMPONENTS, random_state=0).fit_transform(part)
        for threshold in THRESHOLDS:
            on_components(Z.reshape(SCENES, LEVELS, -1), threshold, PCA())


def on_components(Z: np.ndarray, threshold: float, pca) -> tuple[float, float]:
    """Factorization and invariance of responses (scenes, levels, components), in the plain way."""
    means = Z.mean(axis=1)
    residuals = (Z - means[:, None]).reshape(-1, Z.shape[2])
    pca.fit(means)
    k = np.searchsorted(np.cumsum(pca.explained_variance_ratio_), threshold, side="right") + 1
    induced = residuals.var(axis=0).sum()
    inside = (residuals @ pca.components_[:k].T).var(axis=0).sum()
    return 1 - inside / induced, 1 - induced / (induced + means.var(axis=0).sum())


def ours_dimensionality(whole: bool):
    from ventral.geometry import effective_dimensionality, spectrum
    from ventral.gram import gram

    X = independent()
    yield
    G = gram(X, device="cpu")
    yield
    (spectrum if whole else effective_dimensionality)(G)


def ours_variables():
    import pandas as pd

    from ventral.geometry.variable_decoding import variable_rows
    from ventral.gram import gram

    X, rng = independent(), np.random.default_rng(1)
    table = pd.DataFrame(rng.uniform(size=(IMAGES, VARIABLES)), columns=[f"v{i}" for i in range(VARIABLES)])
    ids = [f"image{i}" for i in range(IMAGES)]
    labels = [f"class{i % CLASSES}" for i in range(IMAGES)]
    table = table.assign(stimulus_id=ids, scene=ids, parameter="", level=-1, label=labels)
    yield
    G = gram(X, device="cpu")
    yield
    variable_rows(G, table, 0)


def ours_rotations():
    from ventral.geometry.few_shot_rotated import rotated_rows
    from ventral.gram import gram

    X, labels = independent(), np.array([f"class{i % CLASSES}" for i in range(IMAGES)])
    yield
    G = gram(X, device="cpu")
    yield
    rotated_rows(G, labels, 0)


def theirs_dimensionality():
    from sklearn.decomposition import PCA

    X = independent()
    yield
    PCA(svd_solver="full").fit(X)


SIDES = {
    "Ventral, factorization": ours_factorization,
    "Ventral, everything on factorization": ours_family,
    "PCA(500) per parameter, 10,000 units": lambda: theirs_factorization(SUBSET),
    "PCA(500) per parameter, all units": lambda: theirs_factorization(UNITS),
    "Ventral, effective dimensionality": lambda: ours_dimensionality(whole=False),
    "Ventral, whole spectrum": lambda: ours_dimensionality(whole=True),
    "Ventral, decoding of variables": ours_variables,
    "Ventral, few examples under rotations": ours_rotations,
    "full PCA": theirs_dimensionality,
}


def families() -> None:
    """Processor time of every family on every set of images, in seconds and as a share of the Gram."""
    from known_truth_layers import SETS

    from ventral.core.discover import discover
    from ventral.geometry.family import Layer
    from ventral.geometry.spectrum import spectrum
    from ventral.gram import gram

    rng, found = np.random.default_rng(0), discover("ventral.geometry", "FAMILY")
    print("| set | images | family | processor, s | share of the Gram |\n|---|---|---|---|---|")
    for name, times in (("scenes", 7), ("classes", 7), ("augmentations", 2)):
        latent, table = SETS[name]("overlapping", rng, times)
        axes = rng.standard_normal((latent.shape[1], UNITS), np.float32) / np.float32(UNITS**0.5)
        X = latent.astype(np.float32) @ axes
        gram(X[:10], device="cpu")  # what is loaded once does not count
        start = time.process_time()
        G = gram(X, device="cpu")
        of_gram = time.process_time() - start
        print(f"| {name} | {len(table):,} | Gram | {of_gram:.2f} | 1 |", flush=True)
        layer = Layer(G, spectrum(G), table, THRESHOLDS, 0)
        jobs = {"eigenspectrum": lambda G=G: spectrum(G)}
        for module, family in sorted(found.items(), key=lambda pair: pair[1].place):
            if family.applies(table):
                jobs[module] = lambda family=family, layer=layer: family.rows(layer)
        for module, job in jobs.items():
            start = time.process_time()
            job()
            seconds = time.process_time() - start
            print(f"| {name} | {len(table):,} | {module} | {seconds:.2f} | {seconds / of_gram:.2f} |", flush=True)


def one(name: str) -> None:
    """Run one side: data up to the first stop, the Gram, where there is one, up to the second."""
    steps, stops = SIDES[name](), []
    next(steps)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before = megabytes("VmRSS")
    stops.append(time.perf_counter())
    for _ in steps:
        stops.append(time.perf_counter())
    end = time.perf_counter()
    of_gram = stops[1] - stops[0] if len(stops) > 1 else 0
    print(json.dumps({"s": end - stops[0], "gram": of_gram, "MB": megabytes("VmHWM") - before}))


if __name__ == "__main__":
    if sys.argv[1:] == ["families"]:
        families()
    elif sys.argv[1:] and not sys.argv[1].isdigit():
        one(sys.argv[1])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else RUNS)
