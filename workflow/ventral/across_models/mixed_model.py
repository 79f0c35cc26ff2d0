"""Mixed models: does the score rise with a quantity among the layers of one model, and from model to model?

A second opinion beside the correlations. For layer l of model m, with x and y in standard deviations ::

    y_ml = a + b x_ml + u_m + e_ml,    u_m ~ N(0, σ_u²),    e_ml ~ N(0, σ_e²)

The random intercept u_m accounts for layers of one model that have similar scores for other reasons than x. The slope
b is fitted by restricted maximum likelihood, with a normal interval given σ_u² / σ_e². If networks are of several kinds
of training, each kind has a fixed intercept too (given "kind"), so that b compares networks that are trained alike. The
model knows nothing of families, and its normal interval is too narrow for few models, unlike the jackknife of the
correlations.

Source: Laird & Ware, "Random-effects models for longitudinal data", Biometrics 38: 963-974 (1982).
"""

import itertools

import numpy as np
import pandas as pd

from ventral.across_models.layer_table import LayerTable

COLUMNS = [
    "given",
    "geometry",
    "scale",
    "score",
    "value",
    "low",
    "high",
    "p",
    "between_models",
    "n",
    "models",
    "failure",
]
FEWEST_MODELS = 4
FEWEST_LAYERS = 2  # rows per model, on average; with one layer of each, u and e cannot be told apart
RATIOS = (1e-6, 1e6)  # of σ_u² to σ_e², between which the likelihood is searched
LEAST = -1e3  # logarithm of the determinant of columns of which one is the sum of others
NOTHING = 1e-4  # share of variance between models that counts as none; the likelihood has no useful curvature there
CONSTANT = 1e-9  # of a column's largest value; residuals of this size are rounding


def mixed_models(table: LayerTable) -> pd.DataFrame:
    """Slope of every distinct score on every distinct geometry column, with a random intercept for each model.

    Returns
    -------
    DataFrame
        One row per pair of columns; no rows if every model has a single layer. `given` is "kind" if there are several
        kinds, else "". `value` is b, in standard deviations of the score per standard deviation of x; `low`, `high` and
        `p` are normal. `between_models` is σ_u² / (σ_u² + σ_e²). `failure` is a sentence that says why there is no
        slope; "" if there is one.
    """
    if not table.rows.model.duplicated().any():
        return pd.DataFrame(columns=COLUMNS)
    x, y = (block[[name for name in block if name in table.distinct]] for block in (table.x, table.y))
    given, rows = "kind" if "kind" in table.given else "", []
    for (geometry, of_x), (score, of_y) in itertools.product(x.items(), y.items()):
        known = of_x.notna() & of_y.notna()
        models, kinds = table.rows.model[known].to_numpy(), table.rows.kind[known].to_numpy()
        levels = kinds if given else np.zeros(len(models))
        about = {"geometry": geometry, "scale": "log" if geometry in table.log else "linear", "score": score}
        about |= {"given": given, "n": len(models), "models": len({*models})}
        rows.append(about | slope(of_x[known].to_numpy(), of_y[known].to_numpy(), models, levels))
    return pd.DataFrame(rows, columns=COLUMNS)


def slope(x: np.ndarray, y: np.ndarray, models: np.ndarray, levels: np.ndarray) -> dict[str, float | str]:
    """The slope of y on x, with a random intercept per model and a fixed intercept per level, as columns of a row.

    Parameters
    ----------
    x, y : arrays of shape (n,)
    models, levels : arrays of shape (n,)
    """
    fixed = np.equal.outer(levels, np.unique(levels)).astype(float)
    if failure := refusal(x, y, models, fixed):
        return missing(failure)
    design = np.column_stack([(x - x.mean()) / x.std(), fixed])
    return fitted(design, (y - y.mean()) / y.std(), models)


def refusal(x: np.ndarray, y: np.ndarray, models: np.ndarray, fixed: np.ndarray) -> str:
    """Why no mixed model can be fitted; "" if one can."""
    count = len({*models})
    if count < FEWEST_MODELS:
        return f"There are fewer than {FEWEST_MODELS} models."
    if len(x) < FEWEST_LAYERS * count:
        return f"There are fewer than {FEWEST_LAYERS} layers per model."
    for values, name in ((x, "geometry"), (y, "score")):
        residual = values - fixed @ np.linalg.lstsq(fixed, values, rcond=None)[0]
        if np.abs(residual).max() <= CONSTANT * np.abs(values).max():
            return f"The {name} does not vary."
    codes = np.unique(models, return_inverse=True)[1]
    if np.abs(y - (np.bincount(codes, y) / np.bincount(codes))[codes]).max() <= CONSTANT * np.abs(y).max():
        return "The score does not vary within models."
    return ""


def fitted(design: np.ndarray, y: np.ndarray, models: np.ndarray) -> dict[str, float | str]:
    """One fit by restricted maximum likelihood; the slope belongs to the first column of the design.

    With the ratio θ of both variances, the fit is generalized least squares: ordinary least squares (statsmodels) after
    the share 1 − 1 / √(1 + n_m θ) of the mean of each model was taken off. With θ = 0, nothing is taken off.
    """
    from statsmodels.regression.linear_model import OLS

    ratio = likely_ratio(design, y, models)
    between = ratio / (1 + ratio)
    if between < NOTHING:
        between = ratio = 0.0
    columns, codes = np.column_stack([y, design]), np.unique(models, return_inverse=True)[1]
    count = np.bincount(codes)
    means = np.stack([np.bincount(codes, column) / count for column in columns.T], axis=1)
    left = columns - ((1 - 1 / np.sqrt(1 + count * ratio))[:, None] * means)[codes]
    fit = OLS(left[:, 0], left[:, 1:]).fit(use_t=False)
    low, high = fit.conf_int()[0]
    numbers = {"value": fit.params[0], "low": low, "high": high, "p": fit.pvalues[0]}
    return numbers | {"between_models": between, "failure": ""}


def likely_ratio(design: np.ndarray, y: np.ndarray, models: np.ndarray) -> float:
    """The ratio θ = σ_u² / σ_e² with the largest restricted likelihood.

    With A the products of the columns of [X y], weighted by the inverse of V = 1 + θ 11ᵀ in each of the models, which
    have n_m layers, minus twice the logarithm of the likelihood is, up to a constant ::

        (n − k) log RSS + log |A_XX| + Σ log (1 + n_m θ),    RSS = A_yy − A_yX A_XX⁻¹ A_Xy = |A| / |A_XX|
    """
    from scipy.optimize import minimize_scalar

    names, codes = np.unique(models, return_inverse=True)
    columns = np.column_stack([design, y])
    products, count = columns.T @ columns, np.bincount(codes)
    sums = (np.arange(len(names))[:, None] == codes).astype(float) @ columns

    def deviance(log_ratio: float) -> float:
        ratio = np.exp(log_ratio)
        A = products - (sums.T * (ratio / (1 + count * ratio))) @ sums
        whole, of_design = (max(np.linalg.slogdet(block)[1], LEAST) for block in (A, A[:-1, :-1]))
        return (len(y) - design.shape[1]) * (whole - of_design) + of_design + np.log1p(count * ratio).sum()

    return float(np.exp(minimize_scalar(deviance, bounds=np.log(RATIOS), method="bounded", options={"xatol": 1e-6}).x))


def missing(failure: str) -> dict[str, float | str]:
    """The columns of a row without a slope."""
    return dict.fromkeys(("value", "low", "high", "p", "between_models"), np.nan) | {"failure": failure}
