"""Does a quantity tell more of a score than the accuracy of a network does?

Two linear regressions of the score are fitted to 80 % of the families: one on accuracy, and one on accuracy and x. Both
predict the models of the other families. Over 100 random splits, the difference d of their Spearman correlations with
the true scores says what x adds where it has to generalize; unlike R² of all models, it can be negative.

Splits share families, so their differences are not independent, and their spread over √100 would be much too small.
With n₁ families that are fitted and n₂ that are predicted ::

    s² = (1/100 + n₂ / n₁) · var d,    interval = mean d ± t · s,    t with 99 degrees of freedom

Source: Nadeau & Bengio, "Inference for the generalization error", Machine Learning 52: 239-281 (2003).
"""

import numpy as np
import pandas as pd

from ventral.across_models.associations import BEST, GIVEN, LAYERS, Points, samples
from ventral.across_models.layer_table import LayerTable
from ventral.core.random import generator
from ventral.statistics.intervals import bounds

SPLITS = 100
TESTED = 0.2  # of the families
FEWEST_FAMILIES = 10  # two are predicted at a time
COLUMNS = ["across", "geometry", "scale", "score", "accuracy", "both", "difference", "low", "high", "p"]
COLUMNS += ["n", "models", "families", "failure"]


def complementarity(table: LayerTable, seed: int = 0) -> pd.DataFrame:
    """What every distinct geometry column adds to accuracy in predicting the scores of other families.

    Returns
    -------
    DataFrame
        One row per geometry and score, across "models, best layer" ("layers" if every model has one row); no rows
        without accuracies. `accuracy` and `both` are mean Spearman correlations of predictions from accuracy, and from
        accuracy and the geometry; `difference` is that of both, with interval and p. `failure` says why there are no
        numbers; "" if there are.
    """
    if 0 in (table.x.shape[1], table.y.shape[1]) or "accuracy" not in table.given:
        return pd.DataFrame(columns=COLUMNS)
    across = BEST if table.rows.model.duplicated().any() else LAYERS
    rows = [row for points in samples(table) if points.across == across for row in added(points, table, seed)]
    return pd.DataFrame(rows, columns=COLUMNS)


def added(points: Points, table: LayerTable, seed: int) -> list[dict]:
    """Rows of all pairs of geometry and score."""
    x, y = points.values["x"], points.values["y"]
    accuracy = points.values[GIVEN + "accuracy"].iloc[:, 0]
    rows = []
    for geometry in [name for name in x if name in table.distinct and name != table.accuracy]:
        for score in [name for name in y if name in table.distinct and name != table.accuracy]:
            known = x[geometry].notna() & y[score].notna() & accuracy.notna()
            data = (block[known].to_numpy() for block in (x[geometry], accuracy, y[score]))
            families = points.models[known].map(table.models.family).to_numpy()
            about = {"across": points.across, "geometry": geometry, "score": score}
            about["scale"] = "log" if geometry in table.log else "linear"
            counts = {"n": known.sum(), "models": points.models[known].nunique(), "families": len({*families})}
            rows.append(about | gain(*data, families, seed) | counts)
    return rows


def gain(x: np.ndarray, accuracy: np.ndarray, y: np.ndarray, families: np.ndarray, seed: int) -> dict:
    """The correlations of both predictions and their difference, as columns of a row.

    Parameters
    ----------
    x, accuracy, y, families : arrays of shape (n,)
    seed : int
    """
    from scipy.special import stdtr
    from sklearn.model_selection import GroupShuffleSplit

    if len({*families}) < FEWEST_FAMILIES:
        return {"failure": f"There are fewer than {FEWEST_FAMILIES} families."}
    if any(np.ptp(values) == 0 for values in (x, accuracy, y)):
        return {"failure": "The geometry, the accuracy or the score does not vary."}
    random = int(generator(seed, "complementarity").integers(2**31))
    splits = GroupShuffleSplit(SPLITS, test_size=TESTED, random_state=random).split(x, groups=families)
    designs = np.column_stack([np.ones_like(x), accuracy]), np.column_stack([np.ones_like(x), accuracy, x])
    r = np.array([[predicted(design, y, *split) for design in designs] for split in splits])
    r = r[~np.isnan(r).any(axis=1)]
    if len(r) < SPLITS / 2:
        return {"failure": "The score does not vary among the models of most splits."}
    alone, both = r.mean(axis=0)
    difference = r[:, 1] - r[:, 0]
    error = np.sqrt((1 / len(r) + TESTED / (1 - TESTED)) * difference.var(ddof=1))
    low, high = bounds(both - alone, error, len(r) - 1)
    p = 2 * stdtr(len(r) - 1, -abs(both - alone) / error) if error > 0 else np.nan
    numbers = {"accuracy": alone, "both": both, "difference": both - alone, "low": low, "high": high, "p": p}
    return numbers | {"failure": ""}


def predicted(design: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    """Spearman r of predicted and true scores; 0 if the prediction is constant, and NaN if the scores are."""
    from scipy.stats import rankdata

    weights = np.linalg.lstsq(design[train], y[train], rcond=None)[0]
    guess, truth = rankdata((design[test] @ weights).round(12)), rankdata(y[test])
    if np.ptp(truth) == 0:
        return np.nan
    return float(np.corrcoef(guess, truth)[0, 1]) if np.ptp(guess) else 0.0
