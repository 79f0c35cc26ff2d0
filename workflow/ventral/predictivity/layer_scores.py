"""Every predictivity metric of one layer and one recording: a long table of areas and a table of units."""

import functools

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.gram import Gram
from ventral.predictivity.alignment import aligned
from ventral.predictivity.area_scores import score_rows
from ventral.predictivity.encoding import MODELS, encodings
from ventral.predictivity.learning_curves import learning_curve_rows
from ventral.predictivity.parameter_shares import parameter_share_rows
from ventral.predictivity.sampled_fits import sample
from ventral.predictivity.scored_parts import Part, joined_parts
from ventral.predictivity.target import Target, prepare
from ventral.predictivity.units import explained, other_units, table_of_units
from ventral.recordings import Recording, matched
from ventral.regression.folds import Encoding
from ventral.regression.folds import scores as correlations
from ventral.statistics.bootstrap import draws, image_scores

COLUMNS = [
    *("area", "metric", "parameter", "against", "threshold", "value", "low", "high", "n"),
    *("low_images", "high_images"),
]
KINDS = ("scores", "resampled")


def measure(
    G: Gram,
    recording: Recording,
    table: pd.DataFrame,
    splits_spec: dict,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score one layer as a predictor of each area of a recording.

    An area's r is the median over its units, averaged over splits, for ridge (`ridge_r`), partial least squares with 25
    components (`pls_r`) and least squares on 300 and 1,000 components (`pcr300_r`, `pcr1000_r`). Its R² is computed in
    the same way (`ridge_R2`, …). Its c is the median over units of the reliability of their responses to the test
    images (`ventral.predictivity.reliability`).

    As in Brain-Score, a ceiled score is a formula of r and c, both taken over the units with a ceiling of 0.1 or more.
    A perfect model has r²/c = 1, but r/c = 1/√c. Squares keep the sign of r, so that predictions of the opposite score
    below zero.

    There are two controls. `ridge_r_shuffled` predicts the same responses with the images shuffled.
    `ridge_r_unit_shuffled` scores the predictions of each unit against another unit of its area; it is NaN if the area
    has no other unit.

    `spectral_alignment`, `error_radius`, `error_dimension` and the learning curves `predicted_error` and
    `measured_error` say why a layer predicts (`ventral.predictivity.learning_curves`), and `parameter_share` which of
    its directions do (`ventral.predictivity.parameter_shares`).

    `rsa`, `cka` and `debiased_cka` compare the layer with all units of an area. `rsa_ceiling_lower` and
    `rsa_ceiling_upper` bound the RSA that the true responses would reach.

    Parameters
    ----------
    G : Gram of the images, with their ids
    recording : Recording
    table : DataFrame
        The stimulus table of the Gram's images. Its labels stratify the Brain-Score splits if every image has one. If
        it has the column `content`, images with the same content are one image in splits and intervals, and in RSA and
        CKA, which use the mean of all their trials.
    splits_spec : dict
        `kind` ("kfold", "brainscore" or "fixed"), `seed`, and for "kfold" the number of `folds`.
    seed : int
        For the bootstrap, the controls and the halves of trials.

    Returns
    -------
    areas : DataFrame
        Columns area, metric, parameter, against, threshold, value, low, high, n, low_images, high_images. `n` counts
        the units behind a value. Intervals cover 95 % of 1000 resamples of the units (low, high), if there are two or
        more, or of the held-out images with fixed fits (low_images, high_images). The interval of CKA is a jackknife
        over units.
    units : DataFrame
        One row per unit and metric, see `table_of_units`.

    Raises
    ------
    Fault
        The recording, the layer and the table do not have the same images; or the splits are "fixed" and the recording
        has none.
    """
    _rows_of(recording, G)  # before the table is checked, so that other images are reported of the Gram
    return score(G, prepare(recording, table, splits_spec, seed))


def score(G: Gram, target: Target) -> tuple[pd.DataFrame, pd.DataFrame]:
    """As `measure`, for a recording that `ventral.predictivity.target.prepare` has prepared for several layers."""
    recording, seed = target.recording, target.seed
    G = G.subset(_rows_of(recording, G))
    joined = joined_parts(target.parts, functools.partial(scores_of_part, G, target))
    scores, resampled = ({metric: joined[kind, metric] for kind, metric in joined if kind == one} for one in KINDS)
    ceilings, G_once = target.ceilings, G.subset(target.first)
    rows, areas = [], recording.units.area.to_numpy()
    for area in pd.unique(areas):
        inside = areas == area
        draw = functools.cache(functools.partial(unit_draws, seed, recording.name, area))
        rows += score_rows(area, inside, scores, resampled, ceilings, draw)
        rows += alignment_rows(area, G_once, target)
    rows += why_rows(G_once, target)
    return pd.DataFrame(rows, columns=COLUMNS), table_of_units(recording.units, scores, ceilings and ceilings[0])


def scores_of_part(G: Gram, target: Target, part: Part) -> dict[tuple[str, str], np.ndarray]:
    """Scores (splits, units) and scores on resampled images (splits, resamples, units) of a part, by kind and metric.

    The part is scored without the images that its units lack.
    """
    recording, images = target.recording, part.images
    G = G if len(images) == len(G) else G.subset(images)
    Y = recording.responses[np.ix_(part.units, images)].T
    shuffling = generator(target.seed, recording.name, "shuffled")
    encoded = encodings(G, Y, part.splits, shuffling, target.images[images])
    scores = unit_scores(encoded, Y, part, recording, target.seed)
    drawn = target.drawn[:, images]
    resampled = {f"{method}_r": image_scores(encoded[method].predictions, Y, part.splits, drawn) for method in MODELS}
    of_kinds = zip(KINDS, (scores, resampled), strict=True)
    return {(kind, metric): values for kind, of_kind in of_kinds for metric, values in of_kind.items()}


def _rows_of(recording: Recording, G: Gram) -> np.ndarray:
    """The rows of a Gram that show the images of a recording, in its order."""
    return matched(recording.stimulus_id, np.asarray(G.stimulus_id), f"the recording {recording.name}", "the Gram")


def unit_scores(
    encoded: dict[str, Encoding], Y: np.ndarray, part: Part, recording: Recording, seed: int
) -> dict[str, np.ndarray]:
    """Scores (splits, units) by metric: r of every method, both controls, and R² of every method."""
    other = other_units(recording.units.area.to_numpy(), generator(seed, recording.name, "units"))[part.units]
    of_other = recording.responses[np.ix_(other, part.images)].T
    of_other[:, other == part.units] = np.nan  # its own responses would give its score
    scores = {f"{method}_r": encoded[method].scores for method in MODELS}
    scores["ridge_r_shuffled"] = encoded["ridge_shuffled"].scores
    scores["ridge_r_unit_shuffled"] = correlations(encoded["ridge"].predictions, of_other, part.splits)
    return scores | {f"{method}_R2": explained(encoded[method].predictions, Y, part.splits) for method in MODELS}


def alignment_rows(area: str, G: Gram, target: Target) -> list[dict[str, object]]:
    """Rows of RSA and CKA with an area, and of the noise ceiling of RSA if there is one.

    If responses are missing, they are of the units and images of the area's block.
    """
    block, drawn = target.blocks[area], target.drawn[:, target.first]
    if len(block.images) < len(G):
        G, drawn = G.subset(block.images), drawn[:, block.images]
    values = aligned(G, target.once.responses[block.index].T, drawn)
    if bounds := target.rsa_ceilings[area]:
        values |= {f"rsa_ceiling_{side}": {"value": v} for side, v in zip(("lower", "upper"), bounds, strict=True)}
    n = len(block.units)
    return [{"area": area, "metric": name, "n": n} | of_metric for name, of_metric in values.items()]


def why_rows(G: Gram, target: Target) -> list[dict[str, object]]:
    """Rows that say why the layer predicts the areas; if responses are missing, of the block of each area."""
    together: dict[bytes, list[str]] = {}
    for area, block in target.blocks.items():
        together.setdefault(block.images.tobytes(), []).append(area)
    rows = []
    for areas in together.values():
        blocks = [target.blocks[area] for area in areas]
        images, units = blocks[0].images, np.concatenate([block.units for block in blocks])
        names = np.repeat(areas, [len(block.units) for block in blocks])
        drawing = generator(target.seed, target.recording.name, "training images")
        responses = target.once.responses[np.ix_(units, images)].T
        if (of := sample(G, responses, names, drawing, images)) is not None:
            rows += learning_curve_rows(of, drawing)
            rows += parameter_share_rows(of, target.effects, drawing)
    return rows


def unit_draws(seed: int, recording: str, area: str, n: int) -> np.ndarray:
    """Resamples of n units of an area, the same for all metrics of the area."""
    return draws(generator(seed, recording, area, "bootstrap"), n)
