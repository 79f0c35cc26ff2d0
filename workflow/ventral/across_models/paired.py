"""Do two layers predict the same units equally well? Differences are paired by unit.

Intervals of two layers can overlap although one of them predicts nearly every unit better, because units differ more
from each other than layers do. The difference is therefore taken within each unit, and its median over units is tested.

The best of several layers is too good on the units on which it was chosen. Units are therefore halved at random, 20
times. Each unit is scored in the layer that is best on the other half, and its score is the mean over the 20 halvings.
The best layer has the highest median score over units, relative to the median of each unit over the layers, which takes
out that some units are easier to predict. A layer that stands alone, such as a baseline, needs no choice.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.catalog import HEADLINE, METRICS
from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.statistics.bootstrap import median_of_defined

HALVINGS = 20
FEWEST_UNITS = 6  # with fewer, no interval holds the median in 95 % of samples
COVERED = 0.95
PLACE = ["recording", "area", "metric"]
COLUMNS = [
    *PLACE,
    "compared",
    *("model", "layer", "kind", "other_model", "other_layer", "other_kind"),
    *("difference", "low", "high", "p", "q", "better", "n"),
]
KINDS, MODELS, LAYERS, CONTROL = "kinds", "models", "layers", "shuffled images"


@dataclass(frozen=True)
class Contender:
    """A layer, or the best of several, with its score in each unit.

    Attributes
    ----------
    model, layer, kind : str
        Of the layer with the highest median over all units.
    median : float
        Of this layer over all units.
    scores : array of shape (units,)
        Of each unit in the layers that were chosen without it.
    """

    model: str
    layer: str
    kind: str
    median: float
    scores: np.ndarray


def paired(units: pd.DataFrame, models: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Compare layers, models and kinds of models on the same units.

    Parameters
    ----------
    units : DataFrame
        One row per unit, layer and metric: recording, area, unit, model, layer, metric, value. The units of an area
        are in the same order in every layer.
    models : DataFrame
        One row per layer: model, layer, kind (of training).
    seed : int
        For the halves of the units.

    Returns
    -------
    DataFrame
        One row per comparison: recording, area, metric, compared, model, layer, kind, other_model, other_layer,
        other_kind, difference, low, high, p, q, better, n. `compared` is "kinds" (the best layer of all models of
        two kinds), "models" (the best layer of two models), "layers" (the best layer of a model, and each other layer
        of it) or "shuffled images" (a layer and its own control). `model` and `layer` have the higher median over
        units; they are the best on all units, while the layers that are compared were chosen without the units in
        which they are compared. `difference` is the median over units of the difference in score, `low` and `high`
        bound its 95 % interval, `better` is the share of the n units in which it is positive, and q is p after
        correction over the comparisons of one recording, metric and `compared`. Areas with fewer than six units have
        no rows.

    Raises
    ------
    Fault
        Two layers were scored on other units.

    Notes
    -----
    Intervals and p are those of the sign test: order statistics, which need no assumption on the distribution of the
    differences and do not depend on random numbers. Thompson, "On confidence ranges for the median", Annals of
    Mathematical Statistics 7: 122-128 (1936). q: Benjamini & Hochberg, Journal of the Royal Statistical Society B 57:
    289-300 (1995).
    """
    kinds = models.set_index(["model", "layer"]).kind
    rows = [row for area, table in by_area(units) for row in comparisons(area, table, kinds, seed)]
    found = pd.DataFrame(rows, columns=[column for column in COLUMNS if column != "q"])
    families = found.groupby(["recording", "metric", "compared"], sort=False).p
    return found.assign(q=families.transform(corrected))[COLUMNS]


def compared_metrics() -> list[str]:
    """The score of units that stands for all of an area, and its control."""
    return [HEADLINE, METRICS[HEADLINE].control]


def by_area(units: pd.DataFrame) -> Iterator[tuple[dict[str, str], dict[str, pd.DataFrame]]]:
    """Each area with its scores by metric, tables of one row per layer and one column per unit."""
    layer = ["model", "layer"]
    units = units.assign(place=units.groupby([*PLACE, *layer], sort=False).cumcount())
    for (recording, area), here in units.groupby(["recording", "area"], sort=False):
        if (here.groupby("place").unit.nunique() > 1).any():
            raise Fault(
                f"{recording}, {area}: the layers were scored on different units. Delete the folder predictivity/"
                f"{recording} of the results, and run again."
            )
        if here.place.max() + 1 >= FEWEST_UNITS:
            tables = {
                metric: rows.pivot(index=layer, columns="place", values="value").dropna(how="all")
                for metric, rows in here.groupby("metric", sort=False)
            }
            yield {"recording": recording, "area": area}, tables


def comparisons(
    area: dict[str, str], tables: dict[str, pd.DataFrame], kinds: pd.Series, seed: int
) -> Iterator[dict[str, object]]:
    """All comparisons in one area."""
    controls = {METRICS[metric].control for metric in tables}
    for metric, scores in tables.items():
        if metric not in controls and len(scores):
            halves = halved(scores.shape[1], generator(seed, *area.values(), "halves"))
            shuffled = tables.get(METRICS[metric].control, scores.iloc[:0])
            for compared, first, second in pairs(scores, shuffled, kinds, halves):
                yield area | {"metric": metric, "compared": compared} | difference(first, second)


def pairs(
    scores: pd.DataFrame, shuffled: pd.DataFrame, kinds: pd.Series, halves: np.ndarray
) -> Iterator[tuple[str, Contender, Contender]]:
    """What is compared with what, the one with the higher median first."""

    def contenders(table: pd.DataFrame, by: Sequence) -> list[Contender]:
        found = [contender(rows, kinds, halves) for _, rows in table.groupby(by, sort=False)]
        return sorted(found, key=lambda one: -one.median)

    models, place = scores.index.get_level_values("model"), ["model", "layer"]
    best, layers = contenders(scores, models), contenders(scores, place)
    for pair in itertools.combinations(contenders(scores, kinds.loc[scores.index].to_numpy()), 2):
        yield KINDS, *pair
    for pair in itertools.combinations(best, 2):
        yield MODELS, *pair
    for one, other in itertools.product(best, layers):
        if one.model == other.model and one.layer != other.layer:
            yield LAYERS, one, other
    controls = {(one.model, one.layer): one for one in contenders(shuffled, place)}
    for one in layers:
        if control := controls.get((one.model, one.layer)):
            yield CONTROL, one, control


def contender(scores: pd.DataFrame, kinds: pd.Series, halves: np.ndarray) -> Contender:
    """The best of some layers, a table of one row per layer and one column per unit."""
    medians = scores.median(axis=1)
    model, layer = medians.idxmax()
    return Contender(model, layer, kinds[model, layer], medians.max(), held_out(scores.to_numpy(), halves))


def halved(units: int, rng: np.random.Generator) -> np.ndarray:
    """Which units are in the first half in each halving, (halvings, units)."""
    return np.array([rng.permutation(units) % 2 == 0 for _ in range(HALVINGS)])


def held_out(scores: np.ndarray, halves: np.ndarray) -> np.ndarray:
    """Score of each unit in the layer that is best on the half without it, mean over the halvings.

    Parameters
    ----------
    scores : array of shape (layers, units)
    halves : bool array of shape (halvings, units)

    Returns
    -------
    array of shape (units,)
        NaN if a unit has no score in one of these layers.
    """
    if len(scores) == 1:
        return scores[0]
    relative = scores - median_of_defined(scores.T)
    total = np.zeros(scores.shape[1])
    for half in (*halves, *~halves):
        best = np.nan_to_num(median_of_defined(relative[:, ~half]), nan=-np.inf).argmax()
        total[half] += scores[best, half]
    return total / len(halves)


def difference(first: Contender, second: Contender) -> dict[str, object]:
    """The columns of one comparison, except q."""
    from scipy.stats import quantile_test

    about = {"model": first.model, "layer": first.layer, "kind": first.kind}
    about |= {"other_model": second.model, "other_layer": second.layer, "other_kind": second.kind}
    values = first.scores - second.scores
    values = values[np.isfinite(values)]
    about |= {"difference": np.nan, "low": np.nan, "high": np.nan, "p": np.nan, "better": np.nan, "n": len(values)}
    if len(values) < FEWEST_UNITS:
        return about
    test = quantile_test(values, q=0, p=0.5)
    low, high = test.confidence_interval(COVERED)
    about |= {"difference": np.median(values), "low": low, "high": high, "p": test.pvalue}
    return about | {"better": np.mean(values > 0)}


def corrected(p: pd.Series) -> pd.Series:
    """False discovery rates (Benjamini & Hochberg) of the comparisons that have a p."""
    from scipy.stats import false_discovery_control

    known = p.notna()
    return p.where(~known, pd.Series(false_discovery_control(p[known]), p.index[known])) if known.any() else p
