"""Every predictivity metric of one layer and one recording: a long table of areas and a table of units."""

import functools
import logging

import numpy as np
import pandas as pd

from ventral.folds import Encoding
from ventral.gram import Gram
from ventral.predictivity.alignment import aligned, rsa_ceiling
from ventral.predictivity.area_scores import score_rows
from ventral.predictivity.encoding import METHODS, encodings
from ventral.predictivity.reliability import scored_ceilings
from ventral.predictivity.resampling import draws, image_draws, image_scores
from ventral.predictivity.units import against_others, explained, other_units, table_of_units
from ventral.recordings import Recording, matched
from ventral.recordings.presentations import gathered
from ventral.splits import Splits, brainscore_splits, fixed_splits, kfold_splits
from ventral.store import Fault, generator

COLUMNS = [
    *("area", "metric", "parameter", "against", "threshold", "value", "low", "high", "n"),
    *("low_images", "high_images"),
]
SPLITS = {
    "brainscore": lambda ids, labels, spec: brainscore_splits(ids, labels, seed=spec["seed"]),
    "kfold": lambda ids, labels, spec: kfold_splits(ids, spec["folds"], spec["seed"]),
}
FEWEST_TESTED = 3  # images in a split


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
    who = f"the recording {recording.name}"
    G = G.subset(matched(recording.stimulus_id, G.stimulus_id, who, "the Gram"))
    table = table.iloc[matched(recording.stimulus_id, table.stimulus_id, who, "the stimulus table")]
    images = table["content" if "content" in table else "stimulus_id"].to_numpy()
    splits = splits_of(splits_spec, recording, images, table.label.to_numpy())
    warn_of_small_tests(splits, recording.name)

    drawn = image_draws(generator(seed, recording.name, "images"), images)
    encoded = encodings(G, recording.responses.T, splits, generator(seed, recording.name, "shuffled"), images)
    scores = unit_scores(encoded, recording, splits, seed)
    resampled = {
        f"{method}_r": image_scores(encoded[method].predictions, recording.responses.T, splits, drawn)
        for method in ("ridge", *METHODS)
    }
    ceilings = scored_ceilings(recording, splits, drawn)
    once, first = gathered(recording, images)  # RSA and CKA compare pairs of images, so each image enters once
    G_once, drawn_once = G.subset(first), drawn[:, first]
    rows, areas = [], recording.units.area.to_numpy()
    for area in pd.unique(areas):
        inside = areas == area
        draw = functools.cache(functools.partial(unit_draws, seed, recording.name, area))
        rows += score_rows(area, inside, scores, resampled, ceilings, draw)
        rows += alignment_rows(area, inside, G_once, once, drawn_once, seed)
    return pd.DataFrame(rows, columns=COLUMNS), table_of_units(recording.units, scores, ceilings and ceilings[0])


def warn_of_small_tests(splits: Splits, name: str) -> None:
    """Warn if a split has too few test images for a correlation."""
    fewest = min(len(test) for _, test in splits)
    if fewest < FEWEST_TESTED:
        logging.warning(
            "%s: a split has %d test images, and a correlation over two images is 1 or −1 for every model. Use more "
            "images or fewer folds.",
            name,
            fewest,
        )


def unit_scores(encoded: dict[str, Encoding], recording: Recording, splits: Splits, seed: int) -> dict[str, np.ndarray]:
    """Scores (splits, units) by metric: r of every method, both controls, and R² of every method."""
    Y, methods = recording.responses.T, ("ridge", *METHODS)
    other = other_units(recording.units.area.to_numpy(), generator(seed, recording.name, "units"))
    scores = {f"{method}_r": encoded[method].scores for method in methods}
    scores["ridge_r_shuffled"] = encoded["ridge_shuffled"].scores
    scores["ridge_r_unit_shuffled"] = against_others(encoded["ridge"].predictions, Y, splits, other)
    return scores | {f"{method}_R2": explained(encoded[method].predictions, Y, splits) for method in methods}


def alignment_rows(
    area: str, inside: np.ndarray, G: Gram, recording: Recording, drawn: np.ndarray, seed: int
) -> list[dict[str, object]]:
    """Rows of RSA and CKA with an area, and of the noise ceiling of RSA if there are trials."""
    responses = recording.responses[inside]
    found = aligned(G, responses.T, drawn)
    if recording.trials is not None:
        halves = generator(seed, recording.name, area, "halves")
        if bounds := rsa_ceiling(recording.trials[inside], responses, halves):
            found |= {f"rsa_ceiling_{side}": {"value": v} for side, v in zip(("lower", "upper"), bounds, strict=True)}
    return [{"area": area, "metric": name, "n": int(inside.sum())} | values for name, values in found.items()]


def splits_of(spec: dict, recording: Recording, images: np.ndarray, labels: np.ndarray) -> Splits:
    """Cross-validation as configured, with Brain-Score's splits stratified if every image has a label.

    Raises
    ------
    Fault
        Fixed splits are asked for, but the recording has none.
    """
    if spec["kind"] == "fixed":
        if recording.part is None:
            raise Fault(
                f"The recording {recording.name} has no images for training and others for testing, which fixed splits "
                "need. Use splits of the kind 'kfold' or 'brainscore', or add the parts to your own file as 'split'."
            )
        return fixed_splits(images, recording.part)
    labels = labels if all(label != "" for label in labels) else None
    return SPLITS[spec["kind"]](images, labels, spec)


def unit_draws(seed: int, recording: str, area: str, n: int) -> np.ndarray:
    """Resamples of n units of an area, the same for all metrics of the area."""
    return draws(generator(seed, recording, area, "bootstrap"), n)
