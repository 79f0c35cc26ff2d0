"""How much of a layer's responses is lost when they are stored in float16.

Numbers from 6e-5 to 65,504 are rounded by at most 2⁻¹¹ of their size. Smaller ones are rounded to multiples of 6e-8,
and a large mean leaves few digits for the differences between images, which are all that geometry depends on. The loss
is therefore measured against these differences::

    share² = Σ (x − x')² / (Σ (x − x')² + Σ (x' − μ')²)

with responses x, stored responses x', and the mean μ' of the stored responses to all images.
"""

import numpy as np

from ventral.core.errors import Fault
from ventral.core.names import listed

LOST = 0.01  # the largest share of a layer's standard deviation that may be lost
SAVED = ("lost", "largest", "varied")


class Rounding:
    """The loss of one layer so far.

    Attributes
    ----------
    lost : float
        Σ (x − x')².
    largest : float
        The largest absolute response.
    varied : bool
        Whether the responses before rounding differ between images.
    """

    def __init__(self) -> None:
        self.lost, self.largest, self.varied = 0.0, 0.0, False
        self._first: np.ndarray | None = None
        self._origin: np.ndarray | None = None
        self._images, self._sums, self._squares = 0, np.zeros(1), 0.0

    def add(self, X: np.ndarray) -> None:
        """Measure responses before rounding, float32 of shape (b, d)."""
        self._first = X[0].copy() if self._first is None else self._first
        self.varied |= bool((self._first != X).any())
        self.largest = max(self.largest, float(np.abs(X).max()))
        self.lost += float(np.sum(np.square(X - X.astype(np.float16), dtype=np.float64)))

    def add_stored(self, rows: np.ndarray) -> None:
        """Measure responses after rounding, float16 of shape (b, d)."""
        x = rows.astype(np.float64)
        self._origin = x[0].copy() if self._origin is None else self._origin  # the variance would cancel around 0
        x -= self._origin
        self._images += len(x)
        self._sums = self._sums + x.sum(axis=0)
        self._squares += float(np.square(x).sum())

    def share(self) -> float:
        """The share of the standard deviation that is lost; 0 for responses that do not differ between images."""
        if not self.varied or not self.lost:
            return 0.0
        spread = max(0.0, self._squares - float(np.square(self._sums).sum()) / max(1, self._images))
        return float(np.sqrt(self.lost / (self.lost + spread)))

    def check(self, model: str, layer: str) -> None:
        """Raise a Fault if too much is lost."""
        if (share := self.share()) > LOST:
            raise Fault(
                f"Layer {layer} of model {model} loses {share:.1%} of its standard deviation across images in float16, "
                f"and at most {LOST:.0%} is accepted. Its largest value is {self.largest:.3g}: its values are too "
                f"small for float16, or differ too little between images. Set `cache: float32` for this model."
            )


def check_range(X: np.ndarray, model: str, layer: str, ids: list[str]) -> None:
    """Raise a Fault that names the stimuli if responses of shape (b, d) exceed the largest float16 number."""
    largest = np.finfo(np.float16).max
    if np.abs(X).max() > largest:
        stimuli = listed([ids[row] for row in np.flatnonzero((np.abs(X) > largest).any(axis=1))])
        raise Fault(
            f"Layer {layer} of model {model} reaches {np.abs(X).max():.3g} for stimuli {stimuli}, beyond the "
            f"{largest:.5g} that float16 can hold. Set `cache: float32` for this model."
        )
