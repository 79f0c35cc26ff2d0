"""Does a quantity tell more of a score than the accuracy of a network does?

Two linear regressions of the score are fitted to 80 % of the families: one on accuracy, and one on accuracy and x. Both
predict the models of the other families. Over 100 random splits, the difference d of their Spearman correlations with
the true scores says what x adds where it has to generalize; unlike R² of all models, it can be negative.

Splits share families, so their differences are not independent, and their spread over √100 would be much too small.
With n₁ families that are fitted and n₂ that are predicted ::

    s² = (1/100 + n₂ / n₁) · var d,    interval = mean d ± t · s,    t with 99 degrees of freedom

Source: Nadeau & Bengio, "Inference for the generalization error", Machine Learning 52: 239-281 (2003).
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ventral.across_models.associations import BEST, GIVEN, LAYERS, Points, same_rows, samples
from ventral.across_models.layer_table import LayerTable
from ventral.core.random import generator
from ventral.statistics.intervals import bounds

SPLITS = 100
TESTED = 0.2  # of the families
FEWEST_FAMILIES = 10  # two are predicted at a time
COPIED = 1e-20  # of the variance of x; if accuracy leaves less of it, x is a copy of accuracy
CONSTANT = "The geometry, the accuracy or the score does not vary."
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
    rows = [part for points in samples(table) if points.across == across for part in added(points, table, seed)]
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    found = pd.concat(rows, ignore_index=True)
    return found.assign(scale=np.where(found.geometry.isin(table.log), "log", "linear")).reindex(columns=COLUMNS)


def added(points: Points, table: LayerTable, seed: int) -> Iterator[pd.DataFrame]:
    """Rows of all pairs of geometry and score, in groups that are known for the same models."""
    accuracy = points.values[GIVEN + "accuracy"].iloc[:, 0]
    x, y = (
        block[[name for name in block if name in table.distinct and name != table.accuracy]]
        for block in (points.values["x"], points.values["y"])
    )
    for p, q, both in same_rows(x.notna().to_numpy(), y.notna().to_numpy()):
        known = both & accuracy.notna().to_numpy()
        models = points.models[known]
        families = models.map(table.models.family).to_numpy()
        counts = {"n": known.sum(), "models": models.nunique(), "families": len({*families})}
        X, o = x.to_numpy()[known][:, p], accuracy.to_numpy()[known]
        for score in y.columns[q]:
            numbers = gains(X, o, y[score].to_numpy()[known], families, seed)
            about = {"across": points.across, "geometry": x.columns[p], "score": score}
            yield pd.DataFrame(about | numbers | counts)


def gains(
    X: np.ndarray, accuracy: np.ndarray, y: np.ndarray, families: np.ndarray, seed: int
) -> dict[str, np.ndarray | str]:
    """What each column adds to accuracy: the correlations of both predictions and their difference.

    Parameters
    ----------
    X : array of shape (n, p)
    accuracy, y, families : arrays of shape (n,)
    seed : int

    Returns
    -------
    dict of arrays of shape (p,), or of one value for all columns
    """
    from scipy.special import stdtr
    from sklearn.model_selection import GroupShuffleSplit

    if len({*families}) < FEWEST_FAMILIES:
        return {"failure": f"There are fewer than {FEWEST_FAMILIES} families."}
    if any(np.ptp(values) == 0 for values in (accuracy, y)):
        return {"failure": CONSTANT}
    random = int(generator(seed, "complementarity").integers(2**31))
    splits = GroupShuffleSplit(SPLITS, test_size=TESTED, random_state=random).split(y, groups=families)
    found = (predicted(X, accuracy, y, *split) for split in splits)
    known = [(alone, both) for alone, both in found if not np.isnan(alone)]
    if len(known) < SPLITS / 2:
        return {"failure": "The score does not vary among the models of most splits."}
    alone, both = (np.array(part) for part in zip(*known, strict=True))
    difference = both - alone[:, None]
    mean, error = difference.mean(axis=0), np.sqrt((1 / len(both) + TESTED / (1 - TESTED)) * difference.var(0, ddof=1))
    low, high = bounds(mean, error, len(both) - 1)
    p = 2 * stdtr(len(both) - 1, -np.abs(mean) / np.where(error > 0, error, np.nan))
    numbers = {
        "accuracy": alone.mean(),
        "both": both.mean(axis=0),
        "difference": mean,
        "low": low,
        "high": high,
        "p": p,
    }
    varies = np.ptp(X, axis=0) > 0
    told = {name: np.where(varies, values, np.nan) for name, values in numbers.items()}
    return told | {"failure": np.where(varies, "", CONSTANT)}


def predicted(
    X: np.ndarray, accuracy: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray
) -> tuple[float, np.ndarray]:
    """Spearman r of true scores with predictions from accuracy, and from accuracy and each column of X, (p,).

    The slope on x is that of what accuracy leaves of y on what it leaves of x. r is 0 if a prediction is constant, and
    NaN if the scores are.
    """
    from scipy.stats import rankdata

    design = np.column_stack([np.ones_like(accuracy), accuracy])
    columns = np.column_stack([y, X])
    fitted = design @ np.linalg.lstsq(design[train], columns[train], rcond=None)[0]
    rest = columns - fitted
    y_left, x_left = rest[train, 0], rest[train, 1:]
    size = np.sum(x_left**2, axis=0)
    left = size > COPIED * np.sum((X[train] - X[train].mean(axis=0)) ** 2, axis=0)
    slope = np.where(left, y_left @ x_left / np.where(left, size, 1), 0)
    guess = fitted[test, :1] + np.column_stack([np.zeros(len(test)), rest[test, 1:] * slope])
    ranks, truth = rankdata(guess.round(12), axis=0), rankdata(y[test])
    ranks, truth = ranks - ranks.mean(axis=0), truth - truth.mean()
    if not truth.any():
        return np.nan, np.full(X.shape[1], np.nan)
    spread = np.sqrt(np.sum(ranks**2, axis=0) * np.sum(truth**2))
    r = np.where(spread > 0, truth @ ranks / np.where(spread > 0, spread, 1), 0)
    return r[0], r[1:]
