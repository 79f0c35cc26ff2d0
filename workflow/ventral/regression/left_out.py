"""Errors of ridge regression on rows that are left out of the training set, and the penalties with the smallest.

Let K = V diag(λ) Vᵀ be the Gram of the training images, centered on their own mean, and y the responses of a unit minus
their training mean. With a penalty α the residuals are ::

    y − ŷ = V diag(α / (λ + α)) Vᵀ y

and the residual of image i, if it is left out of the fit and of the intercept, is ::

    (y_i − ŷ_i) / (1 − h_i),     1 − h_i = Σ_j V_ij² α / (λ_j + α)

The constant vector, which has the eigenvalue zero, is removed from the columns of V. Otherwise 1 − h_i would be a
difference from 1/n, which loses precision if the penalty is small. If V lacks eigenvectors of the eigenvalue zero, what
it does not span has a factor of 1 in both formulas.

Rows that belong together, such as those of one image under many augmentations, are left out together. With V_g the rows
of a group and r_g their residuals, the residuals without the group are ::

    (V_g diag(α / (λ + α)) V_gᵀ)⁻¹ r_g

Errors of every penalty cost n × rank products each. If V has more than 10⁷ numbers, the penalty of a unit is searched
for: from the minimum of generalized cross-validation, which costs little, and a sixth of the grid, down to a penalty
whose neighbors on the grid are no better, with products in float32. An error is not computed if it cannot be the
smallest, because it is at least ‖y − ŷ‖² (1 − min h_i)⁻², which follows from Vᵀ y. The penalty is the best of the whole
grid for 99.7 % of the units in `docs/ideas/encoding.md`.

Source: Hastie, Tibshirani & Friedman, "The Elements of Statistical Learning", 2nd ed., sections 3.4.1 and 7.10.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ventral.core.cached import cached

SEARCHED = 1e7  # numbers in V; with fewer the whole grid is computed
STRIDE = 6  # of the grid where a search begins
SURE = 1.001  # times the smallest error so far; a larger one is so in spite of rounding in float32
ROWS = 1024  # of V whose squares are in memory at once


@dataclass(frozen=True)
class LeftOut:
    """Errors on left-out rows of one training set.

    Attributes
    ----------
    eigenvalues : array of shape (axes,)
    V : array of shape (train, axes)
    grid : array of shape (penalties,)
    groups : array of shape (train,) or None
        Rows of one group are left out together; by default every row by itself.
    search : bool
        Whether errors of some penalties may be left out if V is large.
    """

    eigenvalues: np.ndarray
    V: np.ndarray
    grid: np.ndarray
    groups: np.ndarray | None = None
    search: bool = True

    @cached
    def remaining(self) -> np.ndarray:
        """α / (λ + α), of shape (axes, penalties + 1); the last penalty is infinite, for the error of the mean."""
        finite = self.grid / (self.eigenvalues[:, None] + self.grid)
        return np.hstack([finite, np.ones((len(self.eigenvalues), 1))])

    @property
    def searches(self) -> bool:
        """Whether the smallest errors are searched for, in float32."""
        return self.search and self.V.size > SEARCHED and self.groups is None

    @cached
    def axes(self) -> np.ndarray:
        """V without the constant vector."""
        axes = np.empty_like(self.V, np.float32 if self.searches else np.float64)
        return np.subtract(self.V, self.V.mean(axis=0), out=axes, dtype=np.float64, casting="same_kind")

    @property
    def spans(self) -> bool:
        """Whether V has an eigenvector for every row."""
        return self.V.shape[1] == len(self.V)

    @cached
    def factors(self) -> np.ndarray:
        """(1 − h_i)⁻², of shape (train, penalties + 1)."""
        mean, parts = self.V.mean(axis=0), []
        for start in range(0, len(self.V), ROWS):
            squares = (self.V[start : start + ROWS] - mean) ** 2
            share = 0 if self.spans else np.clip(1 - 1 / len(self.V) - squares.sum(axis=1), 0, None)[:, None]
            parts.append((squares @ self.remaining + share) ** -2)
        return np.concatenate(parts)

    def errors(self, y: np.ndarray, projected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sums of squared residuals of left-out rows.

        Parameters
        ----------
        y : array of shape (train, units)
            Responses minus their means.
        projected : array of shape (axes, units)
            Vᵀ y.

        Returns
        -------
        errors : array of shape (penalties, units)
            Infinite where a search did not reach.
        error_of_mean : array of shape (units,)
        """
        if self.searches:
            size = np.maximum(np.abs(y).max(axis=0), np.finfo(float).tiny)
            y, projected = (y / size).astype(np.float32), (projected / size).astype(np.float32)
        rest = np.zeros((len(y), 1), y.dtype) if self.spans else y - self.axes @ projected
        every = np.arange(y.shape[1])
        if self.groups is not None:
            error_of = self._of_groups(projected, rest)
            return np.array([error_of(k, every) for k in range(len(self.grid))]), error_of(len(self.grid), every)
        error_of, of_mean = self._of_rows(projected, rest), self.factors[:, -1].astype(y.dtype) @ y**2
        if not self.searches:
            return np.array([error_of(k, every) for k in range(len(self.grid))]), of_mean
        squares = self.residual_squares(projected, rest)
        least = squares * self.factors[:, :-1].min(axis=0)[:, None]
        return self._searched(error_of, self.cross_validated(squares), least), of_mean

    def best_for_all(self, squares: np.ndarray, along: np.ndarray) -> int:
        """The index of the one penalty with which many targets have the smallest sum of errors, row by row.

        With B = V diag(λ / (λ + α)), the residuals of targets with the Gram K have the squared norms
        K_ii − 2 (B Vᵀ K)_ii + (B Vᵀ K V Bᵀ)_ii. The penalty is searched for, from the minimum of generalized
        cross-validation.

        Parameters
        ----------
        squares : array of shape (train,)
            K_ii, from targets minus their training means.
        along : array of shape (train, axes)
            K V.
        """
        inside = self.axes.T @ along

        def error_of(k: int, _: np.ndarray) -> np.ndarray:
            B = self.axes * (1 - self.remaining[:, k])
            residuals = squares + np.sum(B * (B @ inside - 2 * along), axis=1)
            return self.factors[:, k] @ residuals[:, None]

        explained = (1 - self.remaining[:, :-1].T ** 2) @ np.diag(inside)
        start = np.argmin((squares.sum() - explained) * self.factors[:, :-1].mean(axis=0))
        return int(self._searched(error_of, np.array([start]), coarse=False).argmin())

    def _of_rows(self, projected: np.ndarray, rest: np.ndarray) -> Callable[[int, np.ndarray], np.ndarray]:
        """A function of the index of a penalty, and of units, that gives their errors."""

        def error_of(k: int, units: np.ndarray) -> np.ndarray:
            every = len(units) == projected.shape[1]
            chosen = projected if every else projected[:, units]
            residuals = self.axes @ (chosen * self.remaining[:, k, None].astype(projected.dtype))
            residuals += rest if every or self.spans else rest[:, units]
            residuals *= residuals
            return self.factors[:, k].astype(residuals.dtype) @ residuals

        return error_of

    def _of_groups(self, projected: np.ndarray, rest: np.ndarray) -> Callable[[int, np.ndarray], np.ndarray]:
        """As `_of_rows`, for groups of rows that are left out together; groups of equal size are solved at once."""
        order = np.argsort(self.groups, kind="stable")
        _, starts = np.unique(self.groups[order], return_index=True)
        members = np.split(order, starts[1:])
        if len(members) < 2:
            raise ValueError("All training rows are in one group, so no rows remain for a fit without that group.")
        unspanned, n, V = float(not self.spans), len(self.V), self.axes
        stacks = [np.array([rows for rows in members if len(rows) == size]) for size in {*map(len, members)}]

        def error_of(k: int, units: np.ndarray) -> np.ndarray:
            a = self.remaining[:, k]
            residuals = V @ (projected * a[:, None])
            residuals += rest
            for rows in stacks:
                within = (V[rows] * (a - unspanned)) @ np.swapaxes(V[rows], 1, 2)
                within += unspanned * (np.eye(rows.shape[1]) - 1 / n)
                residuals[rows] = np.linalg.solve(within, residuals[rows])
            return np.sum(residuals**2, axis=0)[units]

        return error_of

    def residual_squares(self, projected: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """‖y − ŷ‖² of rows that are not left out, (penalties, units), from Vᵀ y and what V does not span of y."""
        return (self.remaining[:, :-1] ** 2).T @ projected.astype(np.float64) ** 2 + np.sum(rest**2, axis=0)

    def cross_validated(self, squares: np.ndarray) -> np.ndarray:
        """The penalty with the smallest error of generalized cross-validation, with the mean of all factors, (units,).

        Parameters
        ----------
        squares : array of shape (penalties, units)
            From `residual_squares`.
        """
        return np.argmin(squares * self.factors[:, :-1].mean(axis=0)[:, None], axis=0)

    def _searched(
        self,
        error_of: Callable[[int, np.ndarray], np.ndarray],
        start: np.ndarray,
        least: np.ndarray | float = 0.0,
        coarse: bool = True,
    ) -> np.ndarray:
        """Errors from `start`, an index per unit, and a coarse grid, down to where both neighbors are no better.

        Penalties whose error cannot be the smallest, as it is no less than `least` (penalties, units), are left out.
        """
        last, units = len(self.grid) - 1, np.arange(len(start))
        errors = np.full((last + 1, len(start)), np.inf)
        wanted = np.zeros(errors.shape, dtype=bool)
        wanted[start, units] = True
        while wanted.any() or coarse:
            for k in np.flatnonzero(wanted.any(axis=1)):
                errors[k, wanted[k]] = error_of(k, np.flatnonzero(wanted[k]))
            best = errors.argmin(axis=0)
            wanted[:] = False
            if coarse:
                wanted[::STRIDE] = wanted[last] = True
                coarse = False
            else:
                for neighbor in (np.maximum(best - 1, 0), np.minimum(best + 1, last)):
                    wanted[neighbor, units] = True
            wanted &= np.isinf(errors) & (least <= SURE * errors[best, units])
        return errors
