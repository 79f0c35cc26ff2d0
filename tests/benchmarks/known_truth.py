"""Every registered metric on layers and areas whose geometry is known: bias, spread, and coverage of the interval.

    python tests/benchmarks/known_truth.py [DESIGN …] [--draws N]

Every draw samples scenes, images and units anew from a population with the same law. Layers: scenes with six draws of a
parameter, images of the same twelve classes, images of twelve new classes, and augmented images, measured by all
families that the registry knows, so that a new metric appears by itself. Axes of scenes and of the parameter are apart
(orthogonal), half shared (overlapping), the same under a random rotation into more units (rotated), or shared while
scenes or classes have gains from Student's t with 3 degrees of freedom (heavy tails). Areas are random directions of
the same latent axes: 60 and 40 units with as much variance of noise as of signal in each of four trials (noisy), or 24
and 16 units with a tenth of it (few units). A layer predicts an area of 40 of them (prediction), whose units are drawn
anew while the images stay.

What a metric estimates (its estimand) is

- the population: the value for many images, scenes and units; the exact value where a formula gives it, and otherwise
  the mean of two draws three times as large;
- this sample size: the mean over draws, for metrics that depend on the numbers of images or units by their definition.

A cell holds the estimand, bias ± spread (standard deviation over draws), and the share of intervals that hold the
estimand. Controls, parameters after the first of a metric, and what is over classes where these are fixed (or the
reverse), are left out. Read-outs of a few images have the range over draws of images, which is no interval.
"""

import argparse
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import coverage
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ventral.catalog import METRICS, MODULES
from ventral.core.discover import discover
from ventral.geometry.measure import measure
from ventral.geometry.recording_geometry import measure_recording
from ventral.gram import gram
from ventral.metrics import Role
from ventral.predictivity.layer_scores import measure as predict
from ventral.recordings import Recording

DRAWS, LARGE, TIMES = 16, 2, 3  # draws; draws of the population, and how much larger they are
THRESHOLDS = [0.9]
SCENES, LEVELS, CLASSES, MEMBERS, AXES, WIDE = 24, 6, 12, 12, 60, 90
LAYERS, AREAS = ("orthogonal", "overlapping", "rotated", "heavy tails"), ("noisy", "few units")
PREDICTION = "prediction"
DESIGNS = {
    "scenes": LAYERS,
    "images": LAYERS,
    "classes": LAYERS,
    "areas": AREAS,
    PREDICTION: (PREDICTION,),
    "augmentations": LAYERS[1:],
}
POSE = ("yaw", "pitch", "roll", "x", "y", "size")
RANKS = np.arange(1, AXES + 1)
OF_SCENES = np.where(RANKS <= 10, 1 / RANKS, 0)
MOVED = {"orthogonal": (10, 20), "overlapping": (5, 15), "rotated": (5, 15), "heavy tails": (5, 15)}
MOVED |= {"noisy": (5, 15), "few units": (5, 15), PREDICTION: (5, 15)}
POPULATION = ("corrected_", "debiased_cka", "manifold_capacity", "capacity_")
OVER_CLASSES = ("manifold_", "capacity_", "center_", "class_class_", "few_shot_snr", "projection_")
READ_OUTS = ("prototype_", "logistic_", "max_margin_")
COSINES = ("_augmentation_cosine", "_content_cosine", "photometric_cosine", "class_class_cosine")
SHOWN = (Role.GEOMETRY, Role.SCORE, Role.CEILING)


@dataclass(frozen=True)
class Size:
    """How many scenes, classes and images of each, and units per area, relative to those of a draw."""

    times: int = 1

    def __call__(self, n: int) -> int:
        return n * self.times


def main(designs: list[str], draws: int) -> None:
    logging.disable(logging.WARNING)
    print(f"{draws} draws; a coverage of 95 % has a standard error of {100 * (0.95 * 0.05 / draws) ** 0.5:.1f} points.")
    for design in designs:
        regimes = DESIGNS[design]
        part = pd.concat([rows_of(design, regime, draws) for regime in regimes], ignore_index=True)
        cells = part.pivot(index=["metric", "estimand"], columns="regime", values="cell")
        cells = cells.reindex(columns=regimes, index=part.set_index(["metric", "estimand"]).index.unique())
        print(f"\n{design}\n\n| metric | estimand | {' | '.join(cells)} |\n|{'---|' * (2 + len(cells.columns))}")
        for (metric, estimand), row in cells.iterrows():
            print(f"| `{metric}` | {estimand} | {' | '.join(row.fillna(''))} |", flush=True)


def rows_of(design: str, regime: str, draws: int) -> pd.DataFrame:
    """One row per metric of a design in a regime, with its cell of the table."""
    drawn = pd.concat(measured(design, regime, seed, Size()).assign(draw=seed) for seed in range(draws))
    large = pd.DataFrame(columns=drawn.columns)
    if design in SETS:
        large = pd.concat(measured(design, regime, 10_000 + seed, Size(TIMES)) for seed in range(LARGE))
    known = exact(design, regime)
    means = large.groupby(["metric", "parameter"]).value.mean() if len(large) else {}
    rows = []
    for (metric, parameter), part in drawn.groupby(["metric", "parameter"], sort=False):
        if metric in {row["metric"] for row in rows}:
            continue
        of_population = design in SETS and (metric.startswith(POPULATION) or metric.endswith(COSINES))
        truth = known.get(metric, means.get((metric, parameter), np.nan) if of_population else part.value.mean())
        estimand = "population" if metric in known or of_population else "this sample size"
        rows.append({"metric": metric, "estimand": estimand, "cell": cell(part, float(truth))})
    return pd.DataFrame(rows).assign(regime=regime)


def cell(part: pd.DataFrame, truth: float) -> str:
    """Truth, bias, spread and coverage."""
    known = part.low.notna() & part.value.notna()
    held = ((part.low - 1e-9 <= truth) & (truth <= part.high + 1e-9))[known].mean()
    covered = f"{100 * held:.0f} %" if known.any() else "none"
    if part.metric.iloc[0].startswith(READ_OUTS):
        covered = "range"
    return f"{truth:.3g}: {part.value.mean() - truth:+.2g} ± {part.value.std():.2g}, {covered}"


def measured(design: str, regime: str, seed: int, size: Size) -> pd.DataFrame:
    """Rows of one draw: metric, parameter, value, low, high."""
    rng = np.random.default_rng([seed, *map(ord, design + regime)])
    with threadpool_limits(1):
        rows = MADE[design](regime, rng, size, seed)
    rows = rows[rows.metric.map(lambda name: METRICS[name].role in SHOWN)]
    if design == "areas":
        rows = rows[~rows.metric.isin(of_layers())]
    if design in ("images", "classes"):
        rows = rows[rows.metric.str.startswith(OVER_CLASSES) == (design == "classes")]
    rows = rows.assign(
        parameter=rows.parameter.astype(object).fillna("").astype(str)
        + rows.against.astype(object).fillna("").astype(str)
    )
    return rows[["metric", "parameter", "value", "low", "high"]].astype({"low": float, "high": float})


def of_layers() -> set[str]:
    """Metrics of families, which the other designs measure on layers."""
    families = discover("ventral.geometry", "FAMILY")
    named = {metric.name for module in families for metric in MODULES[f"geometry.{module}"]}
    return named | {name for name in METRICS if name.startswith(OVER_CLASSES)}


def exact(design: str, regime: str) -> dict[str, float]:
    """Values that follow from the variances of the population."""
    moved = of_parameter(regime)
    lengths = np.linalg.norm(OF_SCENES) * np.linalg.norm(moved)
    apart = {"covariance_factorization": 1 - OF_SCENES @ moved / lengths}
    total = OF_SCENES + moved
    spread = {"effective_dimensionality": total.sum() ** 2 / np.sum(total**2)}
    if design == "scenes" and regime != "heavy tails":
        return {"corrected_covariance_factorization": apart["covariance_factorization"]}
    if design == "classes":
        return {"class_class_cosine": 1.0}  # all classes vary along the same axes
    if design == "images":
        return {}
    if design == "augmentations":
        return {f"{name}_cosine": truth for name, truth in zip(coverage.COMPARISONS, coverage.TRUTHS, strict=True)}
    if design == "areas":  # both areas are samples of one population, whose alignment with itself is 1
        apart |= {"cka": 1.0}
        scene = {f"two_way_{name}_crossed": value for name, value in (apart | spread).items()}
        return scene | {f"two_way_{name}": value for name, value in apart.items()}
    return {}


def of_parameter(regime: str) -> np.ndarray:
    """Variances that the parameter adds along each axis."""
    first, last = MOVED[regime]
    return np.where((first < RANKS) & (last >= RANKS), 0.3, 0)


def latents(
    regime: str, scenes: int, levels: int, rng: np.random.Generator, of_scenes: np.random.Generator | None = None
) -> tuple[np.ndarray, pd.DataFrame]:
    """Responses (scenes × levels, axes) and their table; six of the parameter's variables have names."""
    drawn = of_scenes or rng
    z = rng.standard_normal((scenes, levels, AXES))
    gains = np.abs(drawn.standard_t(3, (scenes, 1, 1))) if regime == "heavy tails" else 1
    X = drawn.standard_normal((scenes, 1, AXES)) * np.sqrt(OF_SCENES) + gains * z * np.sqrt(of_parameter(regime))
    first, _ = MOVED[regime]
    n = scenes * levels
    named = {name: z[..., first + i].ravel() for i, name in enumerate(POSE)}
    scene = np.repeat([f"scene{i:04d}" for i in range(scenes)], levels)
    table = pd.DataFrame({"stimulus_id": [f"image{i:05d}" for i in range(n)], "scene": scene, "parameter": "pose"})
    return X.reshape(n, AXES), table.assign(level=np.tile(np.arange(levels), scenes), label=scene, **named)


def layer(X: np.ndarray, regime: str, rng: np.random.Generator) -> np.ndarray:
    """Responses of units; some are rotated into more units."""
    if regime != "rotated":
        return X
    return X @ np.linalg.qr(rng.standard_normal((WIDE, X.shape[1])))[0].T


def scenes(regime: str, rng: np.random.Generator, size: Size) -> tuple[np.ndarray, pd.DataFrame]:
    """Responses (images, units) to 24 scenes of four kinds, with six draws of a parameter, and their table."""
    X, table = latents(regime, size(SCENES), LEVELS, rng)
    return layer(X, regime, rng), table.assign(label=[f"kind{int(name[5:]) % 4}" for name in table.scene])


def images(regime: str, rng: np.random.Generator, size: Size) -> tuple[np.ndarray, pd.DataFrame]:
    """Independent images: twelve of each of twelve classes, which are the same in every draw."""
    X, table = latents(regime, CLASSES, size(MEMBERS), rng, np.random.default_rng(0))
    return layer(X, regime, rng), table.assign(scene="", parameter="", level=-1)


def classes(regime: str, rng: np.random.Generator, size: Size) -> tuple[np.ndarray, pd.DataFrame]:
    """Twelve images of each of twelve new classes."""
    X, table = latents(regime, size(CLASSES), MEMBERS, rng)
    return layer(X, regime, rng), table.assign(scene="", parameter="", level=-1)


def augmentations(regime: str, rng: np.random.Generator, size: Size) -> tuple[np.ndarray, pd.DataFrame]:
    """Images with one clean version and eight augmentations of each of three sorts, see `coverage.moved`."""
    N, L = size(20), 8
    axes, content = coverage.moved(N, rng), rng.standard_normal((N, 6)) @ coverage.CONTENT
    kind = "t3" if regime == "heavy tails" else "Gaussian"
    drawn = {sort: coverage.draws(kind, L, rng) for sort in axes}
    added = [np.einsum("lk,nkd->nld", drawn[sort], axes[sort]) for sort in axes]
    X = np.concatenate([content[:, None], *(content[:, None] + part for part in added)], axis=1)
    names = ["", *np.repeat([*axes], L)]
    place = np.concatenate([np.zeros((1, 2)), *(drawn[sort][:, :2] for sort in axes)])
    scene = np.repeat([f"scene{i:03d}" for i in range(N)], len(names))
    table = pd.DataFrame({"parameter": np.tile(names, N), "scene": scene, "label": ""})
    table = table.assign(crop_x=np.tile(place[:, 0], N), crop_y=np.tile(place[:, 1], N))
    table["level"] = table.groupby(["scene", "parameter"], sort=False).cumcount()
    table["stimulus_id"] = [f"image{i}" for i in range(len(table))]
    return layer(X.reshape(len(table), -1), regime, rng), table


def recorded(X: np.ndarray, table: pd.DataFrame, counts: dict[str, int], noise: float, rng) -> Recording:
    """Four noisy trials of units that are random directions of the latent axes."""
    units = pd.DataFrame({"area": np.repeat([*counts], [*counts.values()]), "animal": "A"})
    units.insert(0, "unit", np.arange(len(units)))
    signal = X @ rng.standard_normal((X.shape[1], len(units)))
    trials = signal.T[..., None] + noise * signal.std() * rng.standard_normal((*signal.T.shape, 4))
    ids = table.stimulus_id.to_numpy()
    return Recording("made", trials.mean(axis=2), trials.astype(np.float32), units, ids, True, "none", "none", "made")


def areas(regime: str, rng: np.random.Generator, size: Size, seed: int) -> pd.DataFrame:
    """The first of two areas of one population, and its alignment with the other."""
    X, table = latents(regime, size(SCENES), LEVELS, rng)
    counts, noise = ({"A": 60, "B": 40}, 1.0) if regime == "noisy" else ({"A": 24, "B": 16}, 0.3)
    recording = recorded(X, table, {area: size(n) for area, n in counts.items()}, noise, rng)
    rows = measure_recording(recording, table, THRESHOLDS, seed)
    return rows[rows.area == "A"]


def prediction(regime: str, rng: np.random.Generator, size: Size, seed: int) -> pd.DataFrame:
    """A layer with the latent axes predicts 40 units; the images are those of every draw."""
    X, table = latents(regime, SCENES, LEVELS, np.random.default_rng(0))
    table = table.assign(scene="", parameter="", level=-1)
    G = replace(gram(X, precision="float64", device="cpu"), stimulus_id=table.stimulus_id.to_numpy())
    splits = {"kind": "kfold", "folds": 5, "seed": 1}
    return predict(G, recorded(X, table, {"A": 40}, 1.0, rng), table, splits, seed)[0]


def of_layer(made: Callable[..., tuple[np.ndarray, pd.DataFrame]]) -> Callable[..., pd.DataFrame]:
    """All families on the responses and the table of a set of images."""

    def rows(regime: str, rng: np.random.Generator, size: Size, seed: int) -> pd.DataFrame:
        X, table = made(regime, rng, size)
        return measure(gram(X, precision="float64", device="cpu"), table, THRESHOLDS, seed)[0]

    return rows


SETS = {"scenes": scenes, "images": images, "classes": classes, "augmentations": augmentations}
MADE = {name: of_layer(made) for name, made in SETS.items()} | {"areas": areas, PREDICTION: prediction}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Bias, spread and coverage of every metric where the truth is known.")
    parser.add_argument("designs", nargs="*", choices=DESIGNS, default=[*DESIGNS])
    parser.add_argument("--draws", type=int, default=DRAWS)
    given = parser.parse_args()
    main(given.designs, given.draws)
