"""Every predictivity metric of one layer for one recording: a long table of areas and a table of units."""

import functools
import logging
from collections.abc import Callable

import numpy as np
import pandas as pd

from ventral.gram import Gram
from ventral.predictivity.alignment import aligned, rsa_ceiling
from ventral.predictivity.ceiling import scored_ceilings
from ventral.predictivity.encoding import encodings
from ventral.predictivity.resampling import (
    center,
    center_of_resamples,
    draws,
    image_draws,
    image_scores,
    median_of_defined,
    resampled_center,
    with_interval,
)
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
SMALLEST_CEILING = 0.1  # a unit below it is noise, and its score over its ceiling means nothing
FEWEST_TESTED = 3
CEILED = {
    "{}_r/c": lambda r, c: r / c,
    "({}_r/c)^2": lambda r, c: (r / c) * np.abs(r / c),  # Brain-Score from 2020 to 2025, but for the sign
    "{}_r^2/c": lambda r, c: r * np.abs(r) / c,  # Brain-Score since 2026, but for the sign
}


def measure(
    G: Gram,
    recording: Recording,
    table: pd.DataFrame,
    splits_spec: dict,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score one layer as a predictor of each area of a recording.

    An area's r is the median over its units, averaged over splits, for ridge (`ridge_r`), partial least squares with 25
    components (`pls_r`) and least squares on 300 and 1,000 components (`pcr300_r`, `pcr1000_r`); R² likewise
    (`ridge_R2`, …). Its c is the median over units of the reliability of their responses to the test images
    (`ventral.predictivity.ceiling`). A ceiled score is its formula applied to this r and c, as Brain-Score does, both
    taken over the units with a ceiling of 0.1 or more; a perfect model has r²/c = 1, but r/c = 1/√c. Squares keep the
    sign of r, so that predictions of the opposite score below zero. There are two controls: `ridge_r_shuffled` predicts
    the same responses with their images shuffled, and `ridge_r_unit_shuffled` scores the predictions of each unit
    against another unit of its area, NaN where it has no other. `rsa`, `cka` and `debiased_cka` compare all responses
    of an area with the layer; `rsa_ceiling_lower` and `rsa_ceiling_upper` bound
    what noise lets RSA reach.

    Parameters
    ----------
    G : Gram of the images, with their ids
    recording : Recording
    table : DataFrame
        The stimulus table of the Gram's images; its labels stratify the Brain-Score splits where every image has one.
        Images of equal `content`, where it has this column, are one image to splits and intervals, and to RSA and CKA
        with all of their trials.
    splits_spec : dict
        `kind`, "kfold", "brainscore" or "fixed", `seed`, and the number of `folds` for the first.
    seed : int
        For the bootstrap, the controls and the halves of trials.

    Returns
    -------
    areas : DataFrame
        Columns area, metric, parameter, against, threshold, value, low, high, n, low_images, high_images. `n` counts
        the units behind a value. Intervals cover 95 % of 1000 resamples of the units (low, high), of which two are
        needed, or of the held-out images with fits as they are (low_images, high_images); CKA's is a jackknife over
        units.
    units : DataFrame
        One row per unit and metric, see `table_of_units`.

    Raises
    ------
    Fault
        An image of the recording is missing from the layer or the table, or the other way round; or the split is to
        be fixed and the recording has none.
    """
    who = f"the recording {recording.name}"
    G = G.subset(matched(recording.stimulus_id, G.stimulus_id, who, "the Gram"))
    table = table.iloc[matched(recording.stimulus_id, table.stimulus_id, who, "the stimulus table")]
    images = table["content" if "content" in table else "stimulus_id"].to_numpy()
    splits = splits_of(splits_spec, recording, images, table.label.to_numpy())
    fewest = min(len(test) for _, test in splits)
    if fewest < FEWEST_TESTED:
        logging.warning(
            "%s: a split has %d test images, and a correlation over two is 1 or −1 whatever the model. Use more "
            "images or fewer folds.",
            recording.name,
            fewest,
        )

    Y = recording.responses.T
    found = encodings(G, Y, splits, generator(seed, recording.name, "shuffled"), images)
    of_images = image_draws(generator(seed, recording.name, "images"), images)
    ceilings = scored_ceilings(recording, splits, of_images)

    once, first = gathered(recording, images)  # products and distances are of pairs of images, not of copies
    G_once, of_images_once = G.subset(first), of_images[:, first]
    areas = recording.units.area.to_numpy()
    other = other_units(areas, generator(seed, recording.name, "units"))
    shuffled = found.pop("ridge_shuffled")
    scores = {f"{method}_r": encoding.scores for method, encoding in found.items()}
    scores["ridge_r_shuffled"] = shuffled.scores
    scores["ridge_r_unit_shuffled"] = against_others(found["ridge"].predictions, Y, splits, other)
    scores |= {f"{method}_R2": explained(encoding.predictions, Y, splits) for method, encoding in found.items()}
    tested = {f"{method}_r": image_scores(one.predictions, Y, splits, of_images) for method, one in found.items()}

    rows = []
    for area in pd.unique(areas):
        inside = areas == area
        draw = functools.cache(functools.partial(unit_draws, seed, recording.name, area))
        for metric, values in scores.items():
            on_images = tested[metric][..., inside] if metric in tested else None
            rows.append(summarised(area, metric, values[:, inside], draw, on_images))
        if ceilings is not None:
            c, resampled_c = ceilings[0][inside], ceilings[1][:, inside]
            rows.append(summarised(area, "ceiling", c[None], draw))
            for method in found:
                on_images = tested[f"{method}_r"][..., inside], resampled_c
                rows += ceiled(area, method, scores[f"{method}_r"][:, inside], c, draw, on_images)
        similar = aligned(G_once, once.responses[inside].T, of_images_once)
        rows += [{"area": area, "metric": name, "n": int(inside.sum())} | one for name, one in similar.items()]
        if once.trials is not None:
            halves = generator(seed, recording.name, area, "halves")
            rows += rsa_ceiling_rows(area, once.trials[inside], once.responses[inside], halves)
    return pd.DataFrame(rows, columns=COLUMNS), table_of_units(recording.units, scores, ceilings and ceilings[0])


def splits_of(spec: dict, recording: Recording, images: np.ndarray, labels: np.ndarray) -> Splits:
    """Cross-validation as the config names it, stratified where every image has a label."""
    if spec["kind"] == "fixed":
        if recording.part is None:
            raise Fault(
                f"The recording {recording.name} has no images for training and others for testing, as fixed splits "
                "need. Use splits of the kind 'kfold' or 'brainscore'; a file of your own may say it under 'split'."
            )
        return fixed_splits(images, recording.part)
    labels = labels if all(label != "" for label in labels) else None
    return SPLITS[spec["kind"]](images, labels, spec)


def unit_draws(seed: int, recording: str, area: str, n: int) -> np.ndarray:
    """Resamples of n units of an area, the same for all of its metrics."""
    return draws(generator(seed, recording, area, "bootstrap"), n)


def summarised(
    area: str, metric: str, scores: np.ndarray, draw: Callable[[int], np.ndarray], on_images: np.ndarray | None = None
) -> dict[str, object]:
    """One row: the median over units, averaged over the splits, of scores (splits, units).

    `on_images` are the scores on resampled images, (splits, resamples, units). Without units the value is NaN; with
    one there is no interval over units.
    """
    defined = ~np.isnan(scores).any(axis=0)
    if not defined.all():
        logging.warning("%s, %s: %d units without a score are left out.", area, metric, np.sum(~defined))
    scores, n = scores[:, defined], int(defined.sum())
    row = {"area": area, "metric": metric, "n": n, "value": np.nan}
    if n and on_images is not None:
        row |= with_interval(center(scores), center_of_resamples(on_images[..., defined]), "images")
    if n > 1:
        row |= with_interval(center(scores), resampled_center(scores, draw(n)), "units")
    return row | ({"value": float(center(scores))} if n else {})


def ceiled(
    area: str,
    method: str,
    scores: np.ndarray,
    ceilings: np.ndarray,
    draw: Callable[[int], np.ndarray],
    on_images: tuple[np.ndarray, np.ndarray],
) -> list[dict[str, object]]:
    """The rows of a method's scores over the ceiling.

    `on_images` are the scores and the ceilings on resampled images, (splits, resamples, units) and (resamples, units).
    Resamples whose ceiling is too small to be divided by are left out; where they are more than one in ten there is no
    interval over images.
    """
    reliable = (np.nan_to_num(ceilings) >= SMALLEST_CEILING) & ~np.isnan(scores).any(axis=0)
    if not reliable.all():
        logging.warning(
            "%s: %d of %d units have a ceiling below %g or no score, and are left out of the ceiled %s scores.",
            area,
            np.sum(~reliable),
            len(reliable),
            SMALLEST_CEILING,
            method,
        )
    n = int(reliable.sum())
    rows = [{"area": area, "metric": name.format(method), "n": n, "value": np.nan} for name in CEILED]
    if not n:
        return rows
    r, c = scores[:, reliable], ceilings[None, reliable]
    r_images = center_of_resamples(on_images[0][..., reliable])
    c_images = median_of_defined(on_images[1][:, reliable])
    c_images = np.where(c_images >= SMALLEST_CEILING, c_images, np.nan)
    for row, formula in zip(rows, CEILED.values(), strict=True):
        value = formula(center(r), center(c))
        row |= with_interval(value, formula(r_images, c_images), "images")
        if n > 1:
            drawn = resampled_center(r, draw(n)), resampled_center(c, draw(n))
            row |= with_interval(value, formula(*drawn), "units")
    return rows


def rsa_ceiling_rows(
    area: str, trials: np.ndarray, responses: np.ndarray, rng: np.random.Generator
) -> list[dict[str, object]]:
    """Both bounds of the noise ceiling of RSA; none where trials do not give them."""
    bounds = rsa_ceiling(trials, responses, rng)
    names = ("rsa_ceiling_lower", "rsa_ceiling_upper") if bounds else ()
    return [
        {"area": area, "metric": name, "n": len(trials), "value": value}
        for name, value in zip(names, bounds or (), strict=True)
    ]
