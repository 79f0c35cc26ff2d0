"""How often do the intervals of relations hold the truth, and how often is a relation found where there is none?

    python tests/benchmarks/relations_calibration.py [columns]

Simulated studies of 6, 10, 20 and 46 models with 5 to 10 layers each. 60 % of the variance of x and of y belongs to the
family, 20 % to the model and 20 % to the layer, all Gaussian, and x and y correlate by ρ on each level. Designs: every
model is a family of its own; 40 % of the models are one family; or x is log-normal (σ = 1) and no logarithm is taken.
The partial correlation is given depth and kind, which shift x and y by one standard deviation each.

Every cell of the first table holds the coverage of the 95 % intervals, and how often they exclude 0, in per cent, of
`columns` simulated relations (1,000 by default: the standard error is 0.7 % at 95 %). Beside the
jackknife that leaves out one family: Pearson's test of all layers, as if they were independent, and the percentile
bootstrap over families. The second table holds the false discovery rate of 20 geometry columns and 3 areas at q < .05.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from threadpoolctl import threadpool_limits

from ventral.statistics.family_jackknife import family_jackknife
from ventral.summary.relations import draws, interval

COLUMNS = 1000
AT_ONCE = 20  # columns of one study
STUDIES = 1000  # for the false discovery rate; its standard error is 0.7 % at 5 %
MODELS = (6, 10, 20, 46)
RHOS = (0, 0.3, 0.6)
DESIGNS = ("equal families", "one large family", "log-normal x")
OF_VARIANCE = {"family": 0.6, "model": 0.2, "layer": 0.2}
LARGE = 0.4  # of the models
GEOMETRY, AREAS, LEVEL = 20, 3, 0.05


def main(columns: int) -> None:
    with ProcessPoolExecutor() as workers:
        print("| design | models | ρ | Pearson | Spearman | partial | bootstrap | independent layers |")
        print("|---|---|---|---|---|---|---|---|")
        for design, models, rho in product(DESIGNS, MODELS, RHOS):
            jobs = [(design, models, rho, seed) for seed in range(columns // AT_ONCE)]
            found = [*workers.map(trial, jobs)]
            cells = [cell(np.concatenate(each, axis=1)) for each in zip(*found, strict=True)]
            print(f"| {design} | {models} | {rho} | {' | '.join(cells)} |", flush=True)
        print(
            "\n| relations | models | jackknife | independent layers | power of the jackknife |\n|---|---|---|---|---|"
        )
        for related, models in product((0, GEOMETRY // 2), MODELS):
            rates = np.mean([*workers.map(discoveries, [(models, related, i) for i in range(STUDIES)])], axis=0)
            cells = [f"{rate:.1%}" for rate in rates[:3]] + [f"{rates[3]:.1%}" if related else "–"]
            print(f"| {related / GEOMETRY:.0%} | {models} | {' | '.join(cells)} |", flush=True)


def cell(found: np.ndarray) -> str:
    """Coverage, and how often 0 is excluded, of relations (truth, low, high)."""
    if not found.size:
        return "–"
    truth, low, high = found
    return f"{np.mean((low <= truth) & (truth <= high)):.1%}, {np.mean((low > 0) | (high < 0)):.1%}"


def trial(job: tuple[str, int, float, int]) -> list[np.ndarray]:
    """Truth, low and high (3, columns) of each method in one study."""
    design, models, rho, seed = job
    rng = np.random.default_rng([DESIGNS.index(design), models, int(10 * rho), seed])
    model, family = layout(rng, models, design == "one large family")
    x, y = (part[:, :, 0].T for part in values(rng, model, family, rho))
    shift = covariates(model)
    truth = rho
    partial = family_jackknife(x + shift.sum(axis=1)[:, None], y + shift.sum(axis=1)[:, None], family, given=shift)
    if design == "log-normal x":
        x, truth, partial = np.exp(x), rho / np.sqrt(np.e - 1), None
    ranks = 6 / np.pi * np.arcsin(rho / 2)  # of Gaussian values, and of any increasing function of them
    with threadpool_limits(1):
        found = [
            diagonal(rho_of, family_jackknife(x, y, family, name))
            for rho_of, name in ((truth, "pearson"), (ranks, "spearman"))
        ]
        found.append(np.empty((3, 0)) if partial is None else diagonal(rho, partial))
        found.append(of_bootstrap(x, y, family, truth))
    r = np.array([stats.pearsonr(a, b).confidence_interval() for a, b in zip(x.T, y.T, strict=True)])
    return [*found, np.vstack([np.full(len(r), truth), r.T])]


def layout(rng: np.random.Generator, models: int, large: bool) -> tuple[np.ndarray, np.ndarray]:
    """Model and family of every layer."""
    model = np.repeat(np.arange(models), rng.integers(5, 11, models))
    first = round(LARGE * models) if large else 1
    return model, np.maximum(np.arange(models) - first + 1, 0)[model]


def values(
    rng: np.random.Generator, model: np.ndarray, family: np.ndarray, rho: float, columns: int = AT_ONCE, areas: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """x (columns, n, 1) and y (columns, n, areas), which correlate by ρ."""
    levels = {"family": family, "model": model, "layer": np.arange(len(model))}
    x, noise = (
        sum(
            np.sqrt(OF_VARIANCE[name]) * rng.standard_normal((columns, level.max() + 1, count))[:, level]
            for name, level in levels.items()
        )
        for count in (1, areas)
    )
    return x, rho * x + np.sqrt(1 - rho**2) * noise


def covariates(model: np.ndarray) -> np.ndarray:
    """Depth and kind of every layer, with standard deviation 1."""
    first = np.searchsorted(model, model)
    depth = (np.arange(len(model)) - first) / (np.bincount(model)[model] - 1)
    given = np.column_stack([depth, model % 2])
    return (given - given.mean(axis=0)) / given.std(axis=0)


def diagonal(truth: float, found) -> np.ndarray:
    """Truth, low and high of each column of x with the same column of y."""
    low, high = np.diag(found.low), np.diag(found.high)
    return np.vstack([np.full(len(low), truth), low, high])


def of_bootstrap(x: np.ndarray, y: np.ndarray, family: np.ndarray, truth: float) -> np.ndarray:
    """Truth, low and high of the percentile bootstrap over families."""
    G = family.max() + 1
    members = (np.arange(G)[:, None] == family).astype(float)
    sums = np.stack([members @ part for part in (np.ones_like(x), x, y, x * x, y * y, x * y)])
    n, sx, sy, sxx, syy, sxy = np.matmul(draws(G, 0), sums)
    low, high = interval((n * sxy - sx * sy) / np.sqrt((n * sxx - sx**2) * (n * syy - sy**2)))
    return np.vstack([np.full(len(low), truth), low, high])


def discoveries(job: tuple[int, int, int]) -> tuple[float, float, float, float]:
    """Share of false ones among the relations found in one study by q, by p and naively; share of true ones found by q.

    The scores of three areas correlate, because they share half of what x does not explain. The first `related` of the
    20 geometry columns are noisy versions of what moves the scores.
    """
    models, related, seed = job
    rng = np.random.default_rng([models, related, seed])
    model, family = layout(rng, models, large=False)
    with threadpool_limits(1):
        cause, common = (values(rng, model, family, 0, 1)[0][0] for _ in range(2))
        y = 0.6 * cause + 0.6 * common + 0.53 * values(rng, model, family, 0, 1, AREAS)[1][0]
        x = values(rng, model, family, 0, GEOMETRY)[0][:, :, 0].T
        x[:, :related] = 0.8 * cause + 0.6 * x[:, :related]
        found = family_jackknife(x, y, family)
    t = found.value * np.sqrt((len(x) - 2) / (1 - found.value**2))
    naive = 2 * stats.t.sf(np.abs(t), len(x) - 2)
    (false, power), *others = (passing(p, related) for p in (found.strict_p, found.p, naive))
    return false, others[0][0], others[1][0], power


def passing(p: np.ndarray, related: int) -> tuple[float, float]:
    """False discovery proportion, and share of the true relations that are found."""
    q = multipletests(p.ravel(), method="fdr_bh")[1].reshape(p.shape) < LEVEL
    return q[related:].sum() / max(q.sum(), 1), q[:related].mean() if related else 0.0


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else COLUMNS)
