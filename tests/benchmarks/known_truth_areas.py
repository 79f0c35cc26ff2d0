"""Areas, observers and networks whose geometry is known, and layers that predict them.

Areas are random directions of the latent axes of `known_truth_layers`: 60 and 40 units with as much variance of noise
as of signal in each of four trials (noisy), or 24 and 16 units with a tenth of it (few units).
"""

from dataclasses import replace

import noisy_clips_coverage
import numpy as np
import pandas as pd
import spectra_coverage
from known_truth_layers import AXES, LEVELS, OF_SCENES, RANKS, SCENES, THRESHOLDS, apart, latents, of_parameter

from ventral.geometry.equal_units import equal_units_rows
from ventral.geometry.recording_geometry import cross_validated_rows, means_twice, object_decoding_rows, trial_halves
from ventral.geometry.two_way_rows import cka_rows, two_way_rows
from ventral.gram import Gram, gram
from ventral.other_images import Coordinates, coordinates
from ventral.predictivity.behavior import measure_behavior
from ventral.predictivity.layer_scores import measure as predict
from ventral.predictivity.observed_distances import observe, score_distances
from ventral.recordings import Recording
from ventral.recordings.choices import Behavior
from ventral.recordings.distances import Distances
from ventral.summary.model_similarity import compared
from ventral.summary.representations import Node
from ventral.summary.tables import LAYER, RECORDED
from ventral.summary.universality import universality

AREAS = {"noisy": ({"A": 60, "B": 40}, 1.0), "few units": ({"A": 24, "B": 16}, 0.3)}  # units, and noise of a trial
LACKING = 4  # leading axes that area B lacks
SPECTRA = {"noisy": (400, 200, 1.0, 1.0), "few units": (400, 60, 1.0, 4.0)}  # images, units, exponent, signal / noise
SQUARED_GAIN = 3  # mean square of Student's t with 3 degrees of freedom
TURN, NOISY_CLIPS = 40, {"noise .1": (12, 40, 8, 0.1), "noise .3": (40, 40, 8, 0.3)}  # degrees; clips, units, trials
OWN = 200  # axes of a layer that no unit sees
PREDICTED = {"noisy": (40, 1.0), "few units": (10, 0.3), "heavy tails": (40, 1.0)}
OBSERVERS = {"3 observers": 3, "6 observers": 6, "12 observers": 12}
SHOWN, SEEN = 40, 12  # images whose distances are known, and axes along which they differ
OBJECTS, EACH, CHOICES = 6, 12, {"many trials": 8, "few trials": 2}  # images of each object, trials of each pair
IMAGES, COMPONENTS, FAMILIES = 150, 40, "abcde"
SHARING = ("area has shared components", "area has others")


def recorded(
    signal: np.ndarray, table: pd.DataFrame, counts: dict[str, int], noise: float, rng: np.random.Generator
) -> Recording:
    """Four trials of responses (images, units) with noise of a standard deviation; numbers of units of each area."""
    area = np.repeat([*counts], [*counts.values()])
    units = pd.DataFrame({"unit": np.arange(len(area)), "area": area, "animal": "A"})
    trials = signal.T[..., None] + noise * rng.standard_normal((*signal.T.shape, 4))
    ids = table.stimulus_id.to_numpy()
    return Recording("made", trials.mean(axis=2), trials.astype(np.float32), units, ids, True, "none", "none", "made")


def areas(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """An area that sees scenes with six levels."""
    X, table = latents(regime, SCENES, LEVELS, rng)
    rows, _ = rows_of_first(X, table, regime, 0, rng, seed)
    return pd.DataFrame(rows)


def areas_of_images(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """An area that sees independent images, and its alignment with another, which lacks four axes."""
    X, table = latents(regime, SCENES * LEVELS, 1, rng)
    table = table[["stimulus_id"]].assign(scene="", parameter="", level=-1, label="")
    rows, recording = rows_of_first(X, table, regime, LACKING, rng, seed)
    inside = [recording.units.area.to_numpy() == area for area in "AB"]
    rows += cka_rows(*(means_twice(recording.responses[each].T) for each in inside), "B")
    rows += cka_rows(*(trial_halves(recording.trials[each], seed) for each in inside), "B", "_crossed")
    return pd.DataFrame(rows)


def rows_of_first(X, table, regime, lacking, rng, seed) -> tuple[list[dict[str, object]], Recording]:
    """Rows of area A that layers do not have, as `measure_recording` makes them, and the recording.

    Area B lacks some of the leading axes.
    """
    counts, noise = AREAS[regime]
    weights = {area: rng.standard_normal((AXES, units)) for area, units in counts.items()}
    weights["B"][:lacking] = 0
    signal = X @ np.hstack([*weights.values()])
    recording = recorded(signal, table, counts, noise * signal.std(), rng)
    first = slice(counts["A"])
    responses = recording.responses[first].T
    rows = object_decoding_rows(responses, table, seed) + two_way_rows(means_twice(responses), table)
    rows += equal_units_rows(responses, counts["B"], table, THRESHOLDS, seed)
    return rows + cross_validated_rows(recording.trials[first], table, THRESHOLDS, seed), recording


def exact_areas(regime: str) -> dict[str, float]:
    factorization = crossed_too({"two_way_covariance_factorization": apart(regime)})
    return factorization | {"two_way_effective_dimensionality_crossed": spread(regime)}


def exact_areas_of_images(regime: str) -> dict[str, float]:
    of_a = OF_SCENES + of_parameter(regime)
    of_b = np.where(RANKS > LACKING, of_a, 0)
    cka = of_a @ of_b / (np.linalg.norm(of_a) * np.linalg.norm(of_b))
    return crossed_too({"two_way_cka": cka}) | {"two_way_effective_dimensionality_crossed": spread(regime)}


def spectra(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """The exponent of a power law from noisy trials; see `spectra_coverage`."""
    _, value, _, low, high = spectra_coverage.one(rng, *SPECTRA[regime])
    return pd.DataFrame([{"metric": "alpha_crossed", "value": value, "low": low, "high": high}])


def exact_spectra(regime: str) -> dict[str, float]:
    return {"alpha_crossed": SPECTRA[regime][2]}


def noisy_clips(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Curvature of an area without the noise of trials; see `noisy_clips_coverage`."""
    _, row = noisy_clips_coverage.measured(TURN, *NOISY_CLIPS[regime], rng)
    return pd.DataFrame([row]).assign(metric="curvature_crossed")


def exact_noisy_clips(regime: str) -> dict[str, float]:
    return {"curvature_crossed": TURN}


def spread(regime: str) -> float:
    """Effective dimensionality of the population."""
    both = OF_SCENES + of_parameter(regime)
    return both.sum() ** 2 / np.sum(both**2)


def crossed_too(truths: dict[str, float]) -> dict[str, float]:
    """The same truths for the metrics without the noise of trials."""
    return truths | {f"{name}_crossed": truth for name, truth in truths.items()}


def new_units(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Every draw has new units and the same images."""
    return predicted(regime, np.random.default_rng(0), rng, rng, seed)


def new_images(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Every draw has new images and the same units."""
    return over_images(predicted(regime, rng, np.random.default_rng(0), rng, seed))


def predicted(regime: str, of_images, of_units, of_noise, seed: int) -> pd.DataFrame:
    """A layer with the latent axes and weaker ones of its own predicts an area.

    Images, units and noise are drawn by generators of their own.
    """
    X, responses, table = shown(regime, of_images)
    units, noise = PREDICTED[regime]
    variance = OF_SCENES.sum() + of_parameter(regime).sum() * (SQUARED_GAIN if regime == "heavy tails" else 1)
    signal = X @ of_units.standard_normal((AXES, units))
    recording = recorded(signal, table, {"A": units}, noise * np.sqrt(variance), of_noise)
    _, of_others, _ = shown(regime, of_images)
    others = Coordinates(coordinates(responses, of_others, "cpu"), table.stimulus_id.to_numpy(), "others")
    G = named(gram(responses, precision="float64", device="cpu"), table)
    return predict(G, recording, table, {"kind": "kfold", "folds": 5, "seed": 1}, seed, others)[0]


def shown(regime: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Latent axes of independent images, responses of a layer to them, and their table."""
    X, table = latents(regime, SCENES * LEVELS, 1, rng)
    responses = np.hstack([X, 0.1 * rng.standard_normal((len(X), OWN))])
    return X, responses, table.assign(scene="", parameter="", level=-1)


def over_images(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have an interval over images, with that interval."""
    return rows[rows.low_images.notna()].assign(low=rows.low_images, high=rows.high_images)


def named(G: Gram, table: pd.DataFrame) -> Gram:
    return replace(G, stimulus_id=table.stimulus_id.to_numpy())


def distances(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Every draw has new observers and new images."""
    return observed(OBSERVERS[regime], rng, rng, rng, seed)


def distances_of_same_observers(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Every draw has new images and new noise of the same observers."""
    return over_images(observed(OBSERVERS[regime], np.random.default_rng(0), rng, rng, seed))


def distances_of_same_images(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Every draw has new observers of the same images."""
    return observed(OBSERVERS[regime], rng, np.random.default_rng(0), rng, seed)


def observed(observers: int, of_observers, of_images, of_noise, seed: int) -> pd.DataFrame:
    """A layer and observers who weight its axes unequally, each with noise of its own in every distance."""
    weights = np.exp(of_observers.standard_normal((observers, SEEN)))
    noises = of_observers.uniform(0.5, 1.5, observers)
    Z = of_images.standard_normal((SHOWN, SEEN)) / np.sqrt(RANKS[:SEEN])
    first, second = np.triu_indices(SHOWN, 1)
    values = np.einsum("pk,ok->op", (Z[first] - Z[second]) ** 2, weights)
    values += noises[:, None] * values.std(axis=1, keepdims=True) * of_noise.standard_normal(values.shape)
    table = pd.DataFrame({"stimulus_id": [f"image{i:03d}" for i in range(SHOWN)]})
    matrices = pd.DataFrame({"observer": [f"observer{i}" for i in range(observers)], "area": "A"})
    made = Distances("made", values, matrices, table.stimulus_id.to_numpy(), "simulated", True, "none", "none", "made")
    G = named(gram(Z @ of_axes(SEEN), precision="float64", device="cpu"), table)
    return score_distances(G, observe(made, table, seed))[0]


def of_axes(axes: int) -> np.ndarray:
    """Units of a layer that are random directions of its axes, the same in every draw."""
    return np.random.default_rng(1).standard_normal((axes, 10 * axes))


def choices(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """An observer sees images of six objects as the layer does, with noise of its own, and chooses between objects."""
    centers = np.random.default_rng(0).standard_normal((OBJECTS, SEEN))
    objects = np.repeat(np.arange(OBJECTS), EACH)
    X = centers[objects] + rng.standard_normal((len(objects), SEEN))
    seen = X + rng.standard_normal(X.shape) / 2
    evidence = -0.5 * np.sum((seen[:, None] - centers) ** 2, axis=2)
    image, distractor = np.nonzero(np.arange(OBJECTS) != objects[:, None])
    image, distractor = np.repeat(image, CHOICES[regime]), np.repeat(distractor, CHOICES[regime])
    wrong = rng.random(len(image)) < 1 / (1 + np.exp(evidence[image, objects[image]] - evidence[image, distractor]))
    names = np.array([f"object{k}" for k in range(OBJECTS)], dtype=object)
    ids = np.array([f"image{i:03d}" for i in range(len(X))], dtype=object)
    sample, other = names[objects[image]], names[distractor]
    trials = pd.DataFrame({"stimulus_id": ids[image], "sample": sample, "distractor": other})
    behavior = Behavior("made", trials.assign(choice=np.where(wrong, other, sample)), True, "none", "none", "made")
    table = pd.DataFrame({"stimulus_id": ids, "label": names[objects]})
    G = named(gram(X @ of_axes(SEEN), precision="float64", device="cpu"), table)
    return measure_behavior(G, behavior, table, {"folds": 4, "seed": 1}, seed)[0]


def networks(regime: str, rng: np.random.Generator, seed: int) -> pd.DataFrame:
    """Five networks share each component to some degree; an area has the shared ones, or others, more strongly."""
    shared = rng.uniform(0, 1, COMPONENTS)
    Z, scale = rng.standard_normal((IMAGES, COMPONENTS)), 0.95 ** np.arange(COMPONENTS)
    own = rng.standard_normal((len(FAMILIES), *Z.shape))
    layers = (np.sqrt(shared) * Z + np.sqrt(1 - shared) * own) * scale
    has = shared if regime == SHARING[0] else rng.uniform(0, 1, COMPONENTS)
    Y = layers[0] * has @ rng.standard_normal((COMPONENTS, 60))
    Y += Y.std() * rng.standard_normal(Y.shape)
    nodes = [Node(LAYER, model, "layer", gram(X, device="cpu")) for model, X in zip(FAMILIES, layers, strict=True)]
    nodes.append(Node(RECORDED, "made", "A", gram(Y, device="cpu")))
    rows = universality("made", nodes, dict(zip(FAMILIES, FAMILIES, strict=True)), seed)
    pairs = compared("made", [nodes[0], nodes[-1]])
    return pd.concat([rows[rows.model == FAMILIES[0]], pairs], ignore_index=True)
