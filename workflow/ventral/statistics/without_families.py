"""Correlations of columns over all rows, and over the rows that are left without each family of rows.

Pearson's coefficients need the rows only once: with Σ_g the sums over the rows of family g, those without the family
are Σ − Σ_g. Ranks change if a family is left out, and are counted again for each. Partial correlations are those of the
residuals after a regression on the given columns z, fitted again without each family ::

    r = c_xy / √(c_xx c_yy),    c_xy = s_xy − s_xzᵀ s_zz⁺ s_zy,    s the centered sums of products
"""

from dataclasses import dataclass

import numpy as np

from ventral.statistics.correlation import tied
from ventral.statistics.weighted_correlation import CONSTANT, correlation, explained, rounding

ELEMENTS_AT_ONCE = int(4e6)
COLLINEAR = 1e-10  # of the largest eigenvalue of s_zz; directions below it do not count
LOST = 1e-9  # of the variance; what is left of a column is then mostly rounding, and is computed from the rows


@dataclass(frozen=True)
class Products:
    """Centered sums of products over all rows, and without each family; columns have about length 1 over all rows."""

    xx: np.ndarray  # (1 + G, p), of each column with itself
    yy: np.ndarray  # (1 + G, q)
    xy: np.ndarray  # (1 + G, p, q)
    zz: np.ndarray  # (1 + G, k, k)
    zx: np.ndarray  # (1 + G, k, p)
    zy: np.ndarray  # (1 + G, k, q)


def correlations_without(
    X: np.ndarray,
    Y: np.ndarray,
    family: np.ndarray,
    statistic: str = "pearson",
    given: np.ndarray | None = None,
) -> np.ndarray:
    """Correlate every column of X with every column of Y.

    Parameters
    ----------
    X : array of shape (n, p)
    Y : array of shape (n, q)
    family : integer array of shape (n,)
        The family of each row, from 0 to G − 1.
    statistic : {"pearson", "spearman"}
    given : array of shape (n, k), optional
        Columns of which partial correlations are given. They may be collinear.

    Returns
    -------
    array of shape (1 + G, p, q)
        Over all rows, and without each family. NaN if a column does not vary, or not beyond the given columns.
    """
    Z = np.empty((len(X), 0)) if given is None else given
    made = products_of_ranks if statistic == "spearman" else products_of_values
    r, *left = partial(made(X, Y, Z, family))
    lost_x, lost_y = (np.flatnonzero((part < LOST).any(axis=0)) for part in left)
    if len(lost_x):
        r[:, lost_x] = correlation(X[:, lost_x], Y, samples(family), statistic, Z)
    if len(lost_y):
        r[:, :, lost_y] = correlation(X, Y[:, lost_y], samples(family), statistic, Z)
    return r


def samples(family: np.ndarray) -> np.ndarray:
    """Whether each row is in the sample of all rows, and in those without each family, (1 + G, n)."""
    return np.vstack([family >= 0, np.arange(family.max() + 1)[:, None] != family])


def products_of_values(X: np.ndarray, Y: np.ndarray, Z: np.ndarray, family: np.ndarray) -> Products:
    """Products of values; the given columns are replaced by an orthonormal basis over all rows."""
    X, Y, Z = of_length_one(X), of_length_one(Y), explained(Z, np.ones((1, len(X))), "pearson")[0]
    p, k, one = X.shape[1], Z.shape[1], np.ones((len(X), 1))
    columns = np.hstack([X, Z, Y])
    n, sums, squares = np.split(
        without(family_sums(one, np.hstack([one, columns, columns**2]), family))[:, 0],
        [1, 1 + columns.shape[1]],
        axis=1,
    )
    centered = squares - sums**2 / n
    x, z, y = np.split(sums, [p, p + k], axis=1)
    xy = without(family_sums(X, Y, family)) - x[:, :, None] * (y / n)[:, None]
    of_z = without(family_sums(Z, columns, family)) - z[:, :, None] * (sums / n)[:, None]
    zx, zz, zy = np.split(of_z, [p, p + k], axis=2)
    return Products(centered[:, :p], centered[:, p + k :], xy, zz, zx, zy)


def products_of_ranks(X: np.ndarray, Y: np.ndarray, Z: np.ndarray, family: np.ndarray) -> Products:
    """Products of the ranks of the rows that are left, with the mean rank for ties."""
    n, p, k = len(X), X.shape[1], Z.shape[1]
    levels = [levels_of(column) for column in np.hstack([X, Z, Y]).T]
    level = np.column_stack(levels) + n * np.arange(len(levels))  # numbered from n i in the column i
    rows_of = [np.flatnonzero(family < 0), *(np.flatnonzero(family == g) for g in range(family.max() + 1))]
    of_all, parts = np.bincount(level.ravel(), minlength=level.shape[1] * n), []
    for left_out in rows_of:
        counts = (of_all - np.bincount(level[left_out].ravel(), minlength=len(of_all))).reshape(-1, n)
        rank = (np.cumsum(counts, axis=1) - (counts - 1) / 2).ravel()[level]
        centered = (rank - (n - len(left_out) + 1) / 2) / np.sqrt(n**3 / 12)
        centered[left_out] = 0
        x, z, y = np.split(centered, [p, p + k], axis=1)
        parts.append(((x**2).sum(0), (y**2).sum(0), x.T @ y, z.T @ z, z.T @ x, z.T @ y))
    return Products(*map(np.stack, zip(*parts, strict=True)))


def levels_of(column: np.ndarray) -> np.ndarray:
    """The place of each value among the different ones, which differ by more than rounding."""
    return np.unique(tied(column, rounding(column)), return_inverse=True)[1]


def partial(products: Products) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Correlations (1 + G, p, q), and what the given columns leave of each column of X and of Y, (1 + G, p or q).

    A column that does not vary has no correlations, and NaN is left of it.
    """
    scale = np.sqrt(np.maximum(np.einsum("gkk->gk", products.zz), 0))
    scale = np.where(scale > 0, scale, 1)
    size, direction = np.linalg.eigh(products.zz / (scale[:, :, None] * scale[:, None]))
    known = size > COLLINEAR * size.max(axis=1, keepdims=True, initial=0)
    basis = direction * np.where(known, 1 / np.sqrt(np.where(known, size, 1)), 0)[:, None] / scale[:, :, None]
    bx, by = (np.matmul(basis.swapaxes(1, 2), block) for block in (products.zx, products.zy))
    xx, yy = products.xx - np.sum(bx**2, axis=1), products.yy - np.sum(by**2, axis=1)
    spread = np.maximum(xx, 0)[:, :, None] * np.maximum(yy, 0)[:, None]
    c = products.xy - np.matmul(bx.swapaxes(1, 2), by)
    r = c / np.sqrt(np.where(spread > 0, spread, np.nan))
    constant_x, constant_y = (~(block[:1] > LOST) for block in (products.xx, products.yy))
    return np.clip(r, -1, 1), np.where(constant_x, np.nan, xx), np.where(constant_y, np.nan, yy)


def of_length_one(X: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and sum of squares 1; zeros if they do not vary by more than rounding."""
    centered = X - X.mean(axis=0)
    length = np.linalg.norm(centered, axis=0)
    varies = length > CONSTANT * np.abs(X).max(axis=0, initial=0) * np.sqrt(len(X))
    return np.where(varies, centered / np.where(varies, length, 1), 0)


def family_sums(A: np.ndarray, B: np.ndarray, family: np.ndarray) -> np.ndarray:
    """Σ a b over the rows of each family, (G, p, q), of columns (n, p) and (n, q)."""
    if not A.shape[1]:
        return np.empty((family.max() + 1, 0, B.shape[1]))
    order = np.argsort(family, kind="stable")
    A, B, first = A[order], B[order], np.flatnonzero(np.diff(family[order], prepend=-1))
    at_once = max(1, ELEMENTS_AT_ONCE // max(1, B.size))
    parts = [np.add.reduceat(A[:, i : i + at_once, None] * B[:, None], first) for i in range(0, A.shape[1], at_once)]
    return np.concatenate(parts, axis=1)


def without(sums: np.ndarray) -> np.ndarray:
    """Sums over all rows, and over those without each family."""
    total = sums.sum(axis=0)
    return np.concatenate([total[None], total - sums])
