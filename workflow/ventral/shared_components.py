"""Are the components of a layer that other networks share those that an area shares?

The targets are the principal components of a layer on the images of a recording: the first 100, or as many as hold 95 %
of its variance. Each is predicted by ridge regression, in five folds of the images, from other representations. Whole
scenes, and groups that a recording names, are in one fold. The representations are

- every network of another family, with its layers side by side. Each layer is scaled to the same variance, so that the
  network has the Gram Σ_l K_l / tr K_l. The universality of the component is the median over families of r between
  held-out and predicted values, where a family has the mean of its networks. Baselines and untrained networks predict
  nothing;
- every recorded area, from its units and their noise.

Penalties are chosen for each component by generalized cross-validation, which is as fast as a fit. The floor of
universality has the images of the targets shuffled, whole scenes with each other. Spearman's correlation over the
components of a layer says whether universal components are those that an area shares. Both decrease with the number of
a component, as components with little variance are hard to predict from anything; the partial correlation given the
number does not count this.

Source: Chen & Bonner, "Universal dimensions of visual representation", Science Advances 11: eadw7697 (2025), who
compare single dimensions of many networks with fMRI. Here the layers of a network are taken together, and components
and predictions are made on the images of the recording.
"""

import numpy as np

from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.regression.folds import fold_of, predicted
from ventral.regression.ridge import left_out_of
from ventral.regression.splits import Splits
from ventral.representational_similarity import mean_ranks
from ventral.statistics.correlation import pearson
from ventral.statistics.intervals import jackknife_interval

MOST, SHARE = 100, 0.95  # components, and of the variance
FEWEST = 10  # components that a correlation needs
TINY = 1e-12  # of a product of variances

UNIVERSALITY = Method(
    "Universality of components",
    "Correlation between a principal component of a layer on held-out images and its prediction by ridge regression "
    "from other networks (median over families) and from recorded areas, and Spearman’s correlation of both over the "
    "components of a layer, plain and given the number of the component, with a jackknife over components.",
    "Chen & Bonner, Science Advances 11:eadw7697 (2025).",
    ("chen2025",),
)
METRICS = (
    Metric(
        "universality",
        "universality of a component",
        Role.CONTROL,
        "How well networks of other families predict a component of the layer, median over families of r; the "
        "parameter is the number of the component.",
        UNIVERSALITY,
        (-1, 1),
        counts="family",
    ),
    Metric(
        "universality_shuffled",
        "universality of shuffled images",
        Role.FLOOR,
        "The metric universality with the images of the components shuffled: mean and 95 % range over components.",
        UNIVERSALITY,
        (-1, 1),
        counts="component",
    ),
    Metric(
        "component_r",
        "r of a component from an area",
        Role.CONTROL,
        "How well the units of an area predict a component of the layer; the parameter is the number of the component.",
        UNIVERSALITY,
        (-1, 1),
        counts="unit",
    ),
    Metric(
        "universality_correlation",
        "correlation of universality with an area",
        Role.CONTROL,
        "Spearman’s correlation, over the components of the layer, of universality with component_r.",
        UNIVERSALITY,
        (-1, 1),
        counts="component",
    ),
    Metric(
        "universality_correlation_given_rank",
        "correlation of universality with an area, given the rank",
        Role.CONTROL,
        "The same as a partial correlation, given the number of the component: whether an area shares universal "
        "components more than others of similar variance.",
        UNIVERSALITY,
        (-1, 1),
        counts="component",
    ),
)


def leading_components(G: Gram) -> np.ndarray:
    """The first components of a layer, of norm 1, in columns, (n, components): up to 100, or 95 % of the variance."""
    eigenvalues, V = np.linalg.eigh(G.centered)
    eigenvalues, V = np.clip(eigenvalues[::-1], 0, None), V[:, ::-1]
    if not G.varies():
        return V[:, :0]
    enough = 1 + int(np.searchsorted(np.cumsum(eigenvalues), SHARE * eigenvalues.sum()))
    return V[:, : min(enough, MOST)]


def r_of(G: Gram, targets: np.ndarray, splits: Splits) -> np.ndarray:
    """r of every target (n, targets) with its prediction from a Gram, mean over splits; 0 where it is undefined."""
    r = []
    for train, test in splits:
        fold = fold_of(G, train, test)
        left_out, (eigenvalues, V) = left_out_of(fold, search=False), fold.eigen
        mean = targets[train].mean(axis=0)
        y = targets[train] - mean
        along = V.T @ y
        rest = np.zeros((len(y), 1)) if left_out.spans else y - V @ along
        penalties = left_out.grid[left_out.cross_validated(left_out.residual_squares(along, rest))]
        along *= np.where(eigenvalues[:, None] > 0, 1 / (eigenvalues[:, None] + penalties), 0)
        r.append(pearson(predicted(fold, fold.test_coordinates @ along, mean), targets[test]))
    return np.nan_to_num(r).mean(axis=0)


def correlations(a: np.ndarray, b: np.ndarray) -> list[dict[str, object]]:
    """Both correlations over components, with intervals; none of fewer than ten components, or if one does not vary."""
    if len(a) < FEWEST or np.ptp(a) == 0 or np.ptp(b) == 0:
        return []
    ranks = np.array([mean_ranks(values) for values in (a, b, np.arange(len(a)))])
    without = np.array([both_correlations(ranks[:, kept]) for kept in ~np.eye(len(a), dtype=bool)])
    values = both_correlations(ranks)
    low, high = np.clip(jackknife_interval(values, without, heavy_tails=True), -1, 1)
    names = ("universality_correlation", "universality_correlation_given_rank")
    return [
        {"metric": name, "value": value, "low": first, "high": last, "n": len(a)}
        for name, value, first, last in zip(names, values, low, high, strict=True)
    ]


def both_correlations(ranks: np.ndarray) -> np.ndarray:
    """Correlation of the first two of three rows of ranks, and the partial one given the third."""
    (_, ab, ac), (_, _, bc), _ = np.corrcoef(ranks)
    return np.array([ab, (ab - ac * bc) / np.sqrt(max((1 - ac**2) * (1 - bc**2), TINY))])
