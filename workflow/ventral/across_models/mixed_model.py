"""Mixed models: does the score rise with a quantity among the layers of one model, and from model to model?

A second opinion beside the correlations. For layer l of model m, with x and y in standard deviations ::

    y_ml = a + b x_ml + u_m + e_ml,    u_m ~ N(0, σ_u²),    e_ml ~ N(0, σ_e²)

The random intercept u_m accounts for layers of one model that have similar scores for other reasons than x. The slope b
is fitted by restricted maximum likelihood (statsmodels), with a normal interval. If networks are of several kinds of
training, each kind has a fixed intercept too (given "kind"), so that b compares networks that are trained alike. The
model knows nothing of families, and
its normal interval is too narrow for few models, unlike the jackknife of the correlations.

Source: Laird & Ware, "Random-effects models for longitudinal data", Biometrics 38: 963-974 (1982).
"""

import itertools
import warnings

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
OPTIMIZER = "powell"  # it finds the boundary at σ_u = 0, at which gradients mislead BFGS
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

    Where the variance between models is estimated as zero, the mixed model is ordinary least squares.
    """
    from statsmodels.regression.linear_model import OLS
    from statsmodels.regression.mixed_linear_model import MixedLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is checked below
        try:
            fit = MixedLM(y, design, groups=models).fit(reml=True, method=[OPTIMIZER])
        except (np.linalg.LinAlgError, ValueError) as error:
            return missing(f"The fit failed ({error}).")
        between = float(fit.cov_re[0, 0] / (fit.cov_re[0, 0] + fit.scale))
        if not fit.converged:
            return missing("The fit did not converge.")
        if between < NOTHING:
            between, fit = 0.0, OLS(y, design).fit(use_t=False)
        low, high = fit.conf_int()[0]
    if not np.isfinite(high - low):
        return missing("The fit has no standard error.")
    return {
        "value": fit.params[0],
        "low": low,
        "high": high,
        "p": fit.pvalues[0],
        "between_models": between,
        "failure": "",
    }


def missing(failure: str) -> dict[str, float | str]:
    """The columns of a row without a slope."""
    return dict.fromkeys(("value", "low", "high", "p", "between_models"), np.nan) | {"failure": failure}
