"""Layers whose geometry is known: their responses, their tables, and the exact values of metrics.

Scenes and a parameter move ten axes each, of 60. Axes of scenes and of the parameter are apart (orthogonal), half
shared (overlapping), the same under a random rotation into more units (rotated), or shared while scenes or classes have
gains from Student's t with 3 degrees of freedom (heavy tails). Every draw samples scenes, images and units anew; there
can be several `times` as many scenes, classes, or images of fixed classes.
"""

from collections.abc import Callable, Collection

import coverage
import discovery_coverage
import numpy as np
import pandas as pd
import straightening_coverage
from scipy.stats import binom, norm

from ventral.accuracy.head_accuracy import accuracy_table
from ventral.core.discover import discover
from ventral.geometry.family import Layer
from ventral.geometry.spectrum import spectrum
from ventral.geometry.straightening import straightening_rows
from ventral.gram import gram

THRESHOLDS = [0.9]
SCENES, LEVELS, CLASSES, MEMBERS, AXES, WIDE = 24, 6, 12, 12, 60, 90
LAYERS = ("orthogonal", "overlapping", "rotated", "heavy tails")
POSE = ("yaw", "pitch", "roll", "x", "y", "size")
RANKS = np.arange(1, AXES + 1)
OF_SCENES = np.where(RANKS <= 10, 1 / RANKS, 0)
CLIPS, FRAMES, PLANE = 24, 6, 40  # clips, frames of each, and units, in a plane of which the frames lie
TURN, OF_PIXELS = 40, 90  # degrees between successive steps of the responses, and of the pixels
KINDS = {"orthogonal": {}, "overlapping": {"angle": 60}, "noisy": {"noise": 0.5}}  # of change
LABELED, OUTPUTS, STRENGTH = {"many images": 144, "few images": 24}, 10, 1.5


def of_parameter(regime: str) -> np.ndarray:
    """Variances that the parameter adds along each axis."""
    first, last = (10, 20) if regime == "orthogonal" else (5, 15)
    return np.where((first < RANKS) & (last >= RANKS), 0.3, 0)


def latents(
    regime: str, scenes: int, levels: int, rng: np.random.Generator, of_scenes: np.random.Generator | None = None
) -> tuple[np.ndarray, pd.DataFrame]:
    """Responses (scenes × levels, axes) and their table; six of the parameter's variables have names."""
    means, gains = of_each_scene(regime, scenes, of_scenes or rng)
    z = rng.standard_normal((scenes, levels, AXES))
    X = means[:, None] + gains[:, None, None] * z * np.sqrt(of_parameter(regime))
    first = 10 if regime == "orthogonal" else 5
    n = scenes * levels
    named = {name: z[..., first + i].ravel() for i, name in enumerate(POSE)}
    scene = np.repeat([f"scene{i:04d}" for i in range(scenes)], levels)
    table = pd.DataFrame({"stimulus_id": [f"image{i:05d}" for i in range(n)], "scene": scene, "parameter": "pose"})
    return X.reshape(n, AXES), table.assign(level=np.tile(np.arange(levels), scenes), label=scene, **named)


def of_each_scene(regime: str, scenes: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Means (scenes, axes), and gains (scenes,) of what the parameter adds."""
    gains = np.abs(rng.standard_t(3, scenes)) if regime == "heavy tails" else np.ones(scenes)
    return rng.standard_normal((scenes, AXES)) * np.sqrt(OF_SCENES), gains


def layer(X: np.ndarray, regime: str, rng: np.random.Generator) -> np.ndarray:
    """Responses of units; some are rotated into more units."""
    if regime != "rotated":
        return X
    return X @ np.linalg.qr(rng.standard_normal((WIDE, X.shape[1])))[0].T


def scenes(regime: str, rng: np.random.Generator, times: int = 1) -> tuple[np.ndarray, pd.DataFrame]:
    """Responses (images, units) to 24 scenes of four kinds, with six draws of a parameter, and their table."""
    X, table = latents(regime, times * SCENES, LEVELS, rng)
    return layer(X, regime, rng), table.assign(label=[f"kind{int(name[5:]) % 4}" for name in table.scene])


def images(regime: str, rng: np.random.Generator, times: int = 1) -> tuple[np.ndarray, pd.DataFrame]:
    """Independent images: twelve of each of twelve classes, which are the same in every draw."""
    X, table = latents(regime, CLASSES, times * MEMBERS, rng, np.random.default_rng(0))
    return layer(X, regime, rng), table.assign(scene="", parameter="", level=-1)


def classes(regime: str, rng: np.random.Generator, times: int = 1) -> tuple[np.ndarray, pd.DataFrame]:
    """Twelve images of each of twelve new classes."""
    X, table = latents(regime, times * CLASSES, MEMBERS, rng)
    return layer(X, regime, rng), table.assign(scene="", parameter="", level=-1)


def augmentations(regime: str, rng: np.random.Generator, times: int = 1) -> tuple[np.ndarray, pd.DataFrame]:
    """Images with one clean version and eight augmentations of each of three sorts, see `coverage.moved`."""
    N, L = times * 20, 8
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


def of_layer(made: Callable[..., tuple[np.ndarray, pd.DataFrame]], without: Collection[str]) -> Callable:
    """All families but some, on the responses and the table of a set of images."""
    found = discover("ventral.geometry", "FAMILY")
    families = [family for module, family in found.items() if module not in without]

    def rows(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
        X, table = made(regime, rng)
        G = gram(X, precision="float64", device="cpu")
        measured = Layer(G, spectrum(G), table, THRESHOLDS, seed)
        return pd.DataFrame([row for family in families if family.applies(table) for row in family.rows(measured)])

    return rows


def clips(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Straightening of clips whose responses turn by the same angle at every frame, in a plane of their own."""
    N = CLIPS
    turns = rng.choice(population(regime), N)
    heading = np.radians(turns)[:, None] * np.arange(FRAMES - 1)
    steps = np.stack([np.cos(heading), np.sin(heading)], axis=-1)
    flat = np.concatenate([np.zeros((N, 1, 2)), np.cumsum(steps, axis=1)], axis=1)
    planes = np.linalg.qr(rng.standard_normal((N, PLANE, 2)))[0]
    X = np.einsum("ntk,ndk->ntd", flat, planes) + rng.standard_normal((N, 1, PLANE))
    table = pd.DataFrame({"scene": np.repeat([f"clip{i:03d}" for i in range(N)], FRAMES), "parameter": "time"})
    table["level"], table["pixel_curvature"] = np.tile(np.arange(FRAMES), N), OF_PIXELS
    G = gram(X.reshape(-1, PLANE), precision="float64", device="cpu")
    return pd.DataFrame(straightening_rows(Layer(G, spectrum(G), table, THRESHOLDS, seed)))


def population(regime: str) -> np.ndarray:
    """Curvatures of many clips."""
    if regime == "heavy tails":
        return next(iter(straightening_coverage.simulated().values()))
    return TURN + 5 * np.random.default_rng(0).standard_normal(5000)


def kinds(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Kinds of change that are found without labels; see `discovery_coverage`."""
    return discovery_coverage.one(seed, KINDS[regime])


def classifier(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Accuracy of outputs with Gaussian noise, of which the one of the image's class is larger."""
    n = LABELED[regime]
    named = rng.integers(OUTPUTS, size=n)
    scores = rng.standard_normal((n, OUTPUTS)) + STRENGTH * np.eye(OUTPUTS)[named]
    return accuracy_table(scores, named, OUTPUTS, "simulated outputs")


def exact_scenes(regime: str) -> dict[str, float]:
    return {"corrected_covariance_factorization": apart(regime)}  # also with gains, which all axes share


def exact_images(regime: str) -> dict[str, float]:
    """From the means of the fixed classes and the mean variance within them."""
    means, gains = of_each_scene(regime, CLASSES, np.random.default_rng(0))
    C = np.cov(means.T, bias=True) + np.mean(gains**2) * np.diag(of_parameter(regime))
    return {"corrected_effective_dimensionality": np.trace(C) ** 2 / np.sum(C**2)}


def exact_classes(regime: str) -> dict[str, float]:
    return {"class_class_cosine": 1.0}  # all classes vary along the same axes


def exact_augmentations(regime: str) -> dict[str, float]:
    return {f"{name}_cosine": truth for name, truth in zip(coverage.COMPARISONS, coverage.TRUTHS, strict=True)}


def exact_clips(regime: str) -> dict[str, float]:
    curvature = population(regime).mean()
    return {"curvature": curvature, "straightening": OF_PIXELS - curvature}


def exact_kinds(regime: str) -> dict[str, float]:
    return {
        f"discovered_factorization[{against}]": discovery_coverage.factorization(against, KINDS[regime])
        for against in ("content", "other change")
    } | {"discovered_kinds": 3.0}


def exact_classifier(regime: str) -> dict[str, float]:
    """Chance that at most k − 1 of the other outputs exceed that of the class, as a mean over a fine grid."""
    above = norm.sf(norm.ppf((np.arange(100_000) + 0.5) / 100_000) + STRENGTH)
    return {f"head_top_{k}": binom.cdf(k - 1, OUTPUTS - 1, above).mean() for k in (1, 5)}


def apart(regime: str) -> float:
    """Covariance factorization of the population."""
    moved = of_parameter(regime)
    return 1 - OF_SCENES @ moved / (np.linalg.norm(OF_SCENES) * np.linalg.norm(moved))


SETS = {"scenes": scenes, "images": images, "classes": classes, "augmentations": augmentations}
