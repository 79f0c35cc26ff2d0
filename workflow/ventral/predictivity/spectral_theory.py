"""Why does a layer predict an area? The error of ridge regression from a spectrum and an alignment.

Let K = V diag(λ) Vᵀ be the Gram of n images, W_i² = (v_i · y)² / ‖y‖² the share of a unit's variance along eigenvector
i, and p of the images, drawn at random without replacement, the training images of ridge regression with an intercept
and the penalty α. With the effective penalty κ, which solves ::

    α = κ (t − df) / (1 − df),        t = p / n,        df = (1 + Σ_i λ_i / (λ_i + κ)) / n

the squared error of the prediction of the other n − p images, as a share of the variance of the unit, is the sum of its
error modes::

    E = Σ_i W̃_i,        W̃_i = c W_i² / (λ_i + κ)²,        c = (κ² + m − α² (1 − df) / s) / (1 − t)
    m = κ (κ − α) (1 + Σ_i λ_i² / (λ_i + κ)²) / (n s),     s = t − df + (κ − α) Σ_i λ_i / (λ_i + κ)² / n

The intercept counts as an eigenvector of an unlimited eigenvalue. An area has the mean error modes of its units. Their
radius R and dimension D say whether the error is large because of single modes, or because it is spread over many::

    R = √(Σ W̃_i²),        D = (Σ W̃_i)² / Σ W̃_i²,        E = R √D

Derivation. Let S choose the training rows and Q(K) = S (Sᵀ K S + α)⁻¹ Sᵀ. If the eigenvectors are in general position,
Q(K) is (K + κ)⁻¹ on average, with κ from the S-transform of a random projection, (1 + z) / (t + z), at z = −df. The
residuals of the training images are α Q y, and αy Q² y = −α² ∂(y Q y)/∂α; those of all images are (1 − K Q) y, whose
square needs Q K² Q = −∂Q(K + εK²)/∂ε at ε = 0. Their difference is the error of the images that were left out.

Sources: Canatar, Feather, Wakhloo & Chung, "A spectral theory of neural prediction and alignment", NeurIPS 36 (2023),
for error modes, radius and dimension. They let training images be drawn with replacement and measure the error of all
images, W̃_i = κ²/(1 − γ) W_i² / (pλ_i/n + κ)², which is the limit of few of many images (p ≪ n). Random subsets after
LeJeune, Patil, Javadi, Baraniuk & Tibshirani, "Asymptotics of the sketched pseudoinverse", SIAM Journal on Mathematics
of Data Science 6: 199-225 (2024). The error of the images that were left out is derived here, and
`tests/unit/predictivity/test_spectral_theory.py` compares it with ridge regression.
"""

from dataclasses import dataclass

import numpy as np

from ventral.gram import Gram
from ventral.regression.folds import fold_of
from ventral.regression.ridge import GRID
from ventral.statistics.rank import FLOAT32

STEPS = 61  # effective penalties that are tried, from the smallest to the largest of ridge regression
STEP = np.log(GRID[-1] / GRID[0]) / (STEPS - 1)  # between the logarithms of two of them
SMALLEST = 10 * FLOAT32  # penalty, as a share of the largest eigenvalue; smaller ones are lost in float32


@dataclass(frozen=True)
class Modes:
    """The spectrum of a layer, and the responses of units along its eigenvectors.

    Attributes
    ----------
    eigenvalues : array of shape (n − 1,)
        λ of the Gram of n images, largest first.
    shares : array of shape (n − 1, units)
        W², which sum to 1 for every unit. Eigenvectors of the eigenvalue zero have the same share, as they are
        determined only together.
    """

    eigenvalues: np.ndarray
    shares: np.ndarray

    @property
    def n(self) -> int:
        """How many images there are."""
        return len(self.eigenvalues) + 1


@dataclass(frozen=True)
class Ridge:
    """Ridge regression from p of the images, as far as it depends on the spectrum alone.

    Attributes
    ----------
    kappa, penalty : float
        κ and α.
    weights : array of shape (n − 1,)
        c / (λ + κ)², with which shares become error modes.
    """

    kappa: float
    penalty: float
    weights: np.ndarray


def modes(G: Gram, Y: np.ndarray) -> Modes:
    """Project the responses of units on the eigenvectors of a layer.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
        Responses that vary.
    """
    n = len(G)
    eigenvalues, V = fold_of(G, np.arange(n), np.arange(0)).eigen
    order = np.argsort(-eigenvalues)[: np.count_nonzero(eigenvalues > 0)][: n - 1]
    Y = Y - Y.mean(axis=0)
    Y /= np.linalg.norm(Y, axis=0)
    inside = V[:, order].T @ Y
    del Y  # as large as what follows
    inside *= inside
    rest = n - 1 - len(order)
    outside = np.broadcast_to(np.clip(1 - inside.sum(axis=0), 0, None) / max(rest, 1), (rest, inside.shape[1]))
    return Modes(np.r_[eigenvalues[order], np.zeros(rest)], np.vstack([inside, outside]))


def alignment(shares: np.ndarray) -> np.ndarray:
    """How far the variance of units is along the leading eigenvectors, (units,).

    Twice the area under the share of a unit's variance along the first eigenvectors, as a function of the share of the
    eigenvectors, minus 1: 0 if all have the same share, as the responses to shuffled images have on average, and
    1 − 1/(n − 1) if the first has all.
    """
    count = len(shares)
    return (1 - (2 * np.arange(count) + 1) / count) @ shares


def ridge_of(eigenvalues: np.ndarray, p: int, kappa: float) -> Ridge:
    """Ridge regression from p of n images with an effective penalty κ.

    Parameters
    ----------
    eigenvalues : array of shape (n − 1,)
    p : int
        From 2 to n − 1.
    kappa : float
        > 0. If it is smaller than any penalty α > 0 gives, the penalty is negative and the errors have no meaning.
    """
    n = len(eigenvalues) + 1
    t, kept = p / n, eigenvalues / (eigenvalues + kappa)
    df = (1 + kept.sum()) / n
    penalty = kappa * (t - df) / (1 - df)
    s = t - df + (kappa - penalty) * np.sum(kept / (eigenvalues + kappa)) / n
    m = kappa * (kappa - penalty) * (1 + np.sum(kept**2)) / (n * s)
    c = (kappa**2 + m - penalty**2 * (1 - df) / s) / (1 - t)
    return Ridge(float(kappa), float(penalty), c / (eigenvalues + kappa) ** 2)


def best_ridge(of: Modes, p: int) -> Ridge:
    """Ridge regression from p of the images with the one penalty that predicts the units best on average.

    It is the minimum of the error between the neighbors of the best effective penalty that is tried. The best of those
    that are tried would jump from one sample of units to the next, and with it the radius and the dimension of error
    modes.
    """
    from scipy.optimize import minimize_scalar

    eigenvalues, shares = of.eigenvalues, of.shares.mean(axis=1)
    scale = eigenvalues.sum() / of.n or 1.0
    tried = [ridge_of(eigenvalues, p, kappa) for kappa in np.geomspace(GRID[0], GRID[-1], STEPS) * scale]
    least = max(GRID[0] * scale, SMALLEST * eigenvalues[0])
    allowed = [one for one in tried if one.penalty >= least]
    best = min(range(len(allowed)), key=lambda i: allowed[i].weights @ shares)
    neighbors = allowed[max(best - 1, 0)].kappa, allowed[min(best + 1, len(allowed) - 1)].kappa
    least_error = minimize_scalar(
        lambda log_kappa: ridge_of(eigenvalues, p, np.exp(log_kappa)).weights @ shares, bounds=np.log(neighbors)
    )
    return ridge_of(eigenvalues, p, np.exp(least_error.x))


def radius(error_weights: np.ndarray, shares: np.ndarray) -> tuple[float, np.ndarray]:
    """R of the mean error modes of a population of units, with all units and without each one.

    Products of a unit's error modes with themselves are left out. They would make R larger if there are few units.

    Parameters
    ----------
    error_weights : array of shape (n − 1,)
    shares : array of shape (n − 1, units)
        Of two or more units.

    Returns
    -------
    float, and array of shape (units,)
        NaN without one of two units.
    """
    units = shares.shape[1]
    total = error_weights * shares.sum(axis=1)
    itself = np.einsum("i,iu,iu->u", error_weights**2, shares, shares)
    pairs = total @ total - itself.sum()
    without = pairs - 2 * ((error_weights * total) @ shares - itself)
    left = (units - 1) * (units - 2)
    return float(np.sqrt(pairs / (units * (units - 1)))), np.sqrt(without / left) if left else np.full(units, np.nan)


def moved_penalties(of: Modes, p: int, best: Ridge) -> tuple[np.ndarray, float]:
    """How far log κ of `best_ridge` moves without each unit, and how fast log R of all units changes with log κ.

    The error without a unit is taken as a parabola through its values at κ and one step to both sides, and κ moves by
    one step at most. If κ is the smallest or the largest penalty, it moves alike without any unit.

    Parameters
    ----------
    of : Modes
        Of two or more units.
    p : int
    best : Ridge
        `best_ridge` of them.

    Returns
    -------
    array of shape (units,)
    float
    """
    below, above = (ridge_of(of.eigenvalues, p, best.kappa * np.exp(step)).weights for step in (-STEP, STEP))
    errors = [weights @ of.shares for weights in (below, best.weights, above)]
    before, at, after = (one.sum() - one for one in errors)
    bend = before - 2 * at + after
    moved = np.divide((before - after) / 2, bend, out=np.zeros_like(at), where=bend > 0)
    slope = np.log(radius(above, of.shares)[0] / radius(below, of.shares)[0]) / (2 * STEP)
    return STEP * np.clip(moved, -1, 1), float(slope)
