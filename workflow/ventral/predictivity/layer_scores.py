"""Every predictivity metric of one layer and one recording: a long table of areas and a table of units."""

import functools

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.gram import Gram
from ventral.other_images import Coordinates
from ventral.predictivity.alignment import aligned
from ventral.predictivity.area_scores import score_rows
from ventral.predictivity.component_curve import component_rows
from ventral.predictivity.learning_curves import learning_curve_rows
from ventral.predictivity.other_components import other_curve
from ventral.predictivity.parameter_shares import parameter_share_rows
from ventral.predictivity.reverse_predictivity import reverse_rows
from ventral.predictivity.sampled_fits import sample
from ventral.predictivity.scored_parts import responses_to
from ventral.predictivity.target import Target, prepare
from ventral.predictivity.unit_scores import unit_scores
from ventral.predictivity.units import table_of_units
from ventral.predictivity.whitened_cosine import DISTANCES, whitened_cosine
from ventral.recordings import Recording, matched
from ventral.statistics.bootstrap import draws

COLUMNS = [
    *("area", "metric", "parameter", "against", "threshold", "value", "low", "high", "n"),
    *("low_images", "high_images"),
]


def measure(
    G: Gram,
    recording: Recording,
    table: pd.DataFrame,
    splits_spec: dict,
    seed: int,
    others: Coordinates | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score one layer as a predictor of each area of a recording.

    An area's r is the median over its units, averaged over splits, for ridge (`ridge_r`), partial least squares with 25
    components (`pls_r`) and least squares on 300 and 1,000 components (`pcr300_r`, `pcr1000_r`). Its R² is computed in
    the same way (`ridge_R2`, …). Its c is the median over units of the reliability of their responses to the test
    images (`ventral.predictivity.reliability`).

    `pcr_r` is r against the number of components, and `whitened_r` that of ridge regression after ZCA whitening
    (`ventral.predictivity.component_curve`). `pcr_r_other_images` is r against the number of components of other images
    (`ventral.predictivity.other_components`).

    As in Brain-Score, a ceiled score is a formula of r and c, both taken over the units with a ceiling of 0.1 or more.
    A perfect model has r²/c = 1, but r/c = 1/√c. Squares keep the sign of r, so that predictions of the opposite score
    below zero.

    There are two controls. `ridge_r_shuffled` predicts the same responses with the images shuffled.
    `ridge_r_unit_shuffled` scores the predictions of each unit against another unit of its area; it is NaN if the area
    has no other unit.

    `spectral_alignment`, `error_radius`, `error_dimension` and the learning curves `predicted_error` and
    `measured_error` say why a layer predicts (`ventral.predictivity.learning_curves`), and `parameter_share` which of
    its directions do (`ventral.predictivity.parameter_shares`).

    `reverse_R2` is the share of the layer's variance that the units of an area predict
    (`ventral.predictivity.reverse_predictivity`).

    `rsa`, `cka` and `debiased_cka` compare the layer with all units of an area, and `whitened_cosine` with their
    unbiased distances (`ventral.predictivity.whitened_cosine`). `rsa_ceiling_lower` and
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
    others : Coordinates, optional
        Where the images lie along the layer's components of other images; without them, `pcr_r_other_images` is left
        out.

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
        The recording, the layer, the table and the coordinates do not have the same images; or the splits are "fixed"
        and the recording has none.
    """
    _rows_of(recording, G)  # before the table is checked, so that other images are reported of the Gram
    return score(G, prepare(recording, table, splits_spec, seed), others)


def score(G: Gram, target: Target, others: Coordinates | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """As `measure`, for a recording that `ventral.predictivity.target.prepare` has prepared for several layers."""
    G = G.subset(_rows_of(target.recording, G))
    of_encodings, scores = encoding_rows(G, target, others)
    of_areas, G_once = [], G.subset(target.first)
    for area, rows in of_encodings.items():
        of_areas += rows + alignment_rows(area, G_once, target)
    of_areas += why_rows(G_once, target) + reverse_rows(G_once, target)
    ceilings = target.ceilings and target.ceilings[0]
    return pd.DataFrame(of_areas, columns=COLUMNS), table_of_units(target.recording.units, scores, ceilings)


def encoding_rows(
    G: Gram, target: Target, others: Coordinates | None
) -> tuple[dict[str, list[dict[str, object]]], dict[str, np.ndarray]]:
    """Rows of the encoding models by area, and their scores (splits, units) by metric.

    Parameters
    ----------
    G : Gram of the images of the recording, in its order
    target : Target
    others : Coordinates or None
    """
    found = unit_scores(G, target)
    of_others = [] if others is None else [other_curve(others, target, found.components)]
    rows, areas = {}, target.recording.units.area.to_numpy()
    for area in pd.unique(areas):
        draw = functools.cache(functools.partial(unit_draws, target.seed, target.recording.name, area))
        rows[area] = score_rows(area, areas == area, found.scores, found.medians[area], target.ceilings, draw)
        rows[area] += component_rows(area, found.by_components[:, :, areas == area], found.components, draw)
        rows[area] += [row for curve in of_others for row in curve.rows(area, areas == area, draw)]
    return rows, found.scores


def _rows_of(recording: Recording, G: Gram) -> np.ndarray:
    """The rows of a Gram that show the images of a recording, in its order."""
    return matched(recording.stimulus_id, np.asarray(G.stimulus_id), f"the recording {recording.name}", "the Gram")


def alignment_rows(area: str, G: Gram, target: Target) -> list[dict[str, object]]:
    """Rows of RSA and CKA with an area, and, if there are trials, of the noise ceiling of RSA and the unbiased cosine.

    If responses are missing, they are of the units and images of the area's block, in which expected ones replace them.
    An area without a block has no rows.
    """
    if (block := target.blocks.get(area)) is None:
        return []
    drawn = target.drawn[:, target.first][:, block.images]
    G = G.subset(block.images)
    values = aligned(G, target.geometries[area], drawn)
    if bounds := target.rsa_ceilings[area]:
        values |= {f"rsa_ceiling_{side}": {"value": v} for side, v in zip(("lower", "upper"), bounds, strict=True)}
    n = len(block.units)
    rows = [{"area": area, "metric": name, "n": n} | of_metric for name, of_metric in values.items()]
    if crossed := target.crossed[area]:
        cosine = {"area": area, "metric": "whitened_cosine", "parameter": DISTANCES, "n": n}
        rows.append(cosine | whitened_cosine(G, crossed))
    return rows


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
        responses = responses_to(target.once, units, images)
        if (of := sample(G, responses, names, drawing, images)) is not None:
            rows += learning_curve_rows(of, drawing)
            rows += parameter_share_rows(of, target.effects, drawing)
    return rows


def unit_draws(seed: int, recording: str, area: str, n: int) -> np.ndarray:
    """Resamples of n units of an area, the same for all metrics of the area."""
    return draws(generator(seed, recording, area, "bootstrap"), n)
