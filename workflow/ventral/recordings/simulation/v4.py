"""Simulated V4: curvature of contours, hue, the tilt and place of the object, and some category.

The drive of a unit is a sum of standardized parts with these shares of the variance::

    curvature 0.45    hue 0.1    tilt 0.2    place and size 0.1    category 0.15

**Curvature.** At each of 112 × 112 points, κ is the curvature of the line of equal luminance after smoothing by 1.2
points; it is positive if the brighter side is convex. The strength of a contour, w = min(1, |∇L| / 0.02), saturates,
so that contrast has little effect. There is one channel for each sign s and each of eight directions δ of the
gradient. A unit adds four of the 16 channels with positive weights, averaged over a Gaussian window of standard
deviation 0.2 sides::

    max(0, s · tanh(1.2 κ)) · w · e^{4 (cos(∠∇L − δ) − 1)}

**Hue.** The saturation, minus one of 255 levels, times e^{4 (cos(h − η) − 1)}, averaged over the same window. h is
the hue in the plane of red − green and blue − yellow, and η one of eight preferred hues.

**Tilt, place and size** of the object in the image: Gaussian tuning to the standardized variables, with a standard
deviation of 2. If the stimulus table has none of these variables, units are tuned to all scene variables instead.

**Category.** A gain for each label, drawn from an exponential distribution.

Parts that a stimulus set does not have are left out.

Sources: Pasupathy & Connor, "Responses to contour features in macaque area V4", Journal of Neurophysiology 82:2490
(1999), for curvature and its direction; Conway, Moeller & Tsao, "Specialized color modules in macaque extrastriate
cortex", Neuron 56:560 (2007), for hue; Hong et al., "Explicit information for category-orthogonal object properties
increases along the ventral stream", Nature Neuroscience 19:613 (2016), for tilt, place and size. The shares are a
choice of this project, not taken from a paper.
"""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from ventral.models.baselines import LUMINANCE
from ventral.recordings.simulation.contents import Contents, of_labels, preferred, standardized, tolerance
from ventral.recordings.simulation.light import averaged, windows

SHARES = {"curvature": 0.45, "hue": 0.1, "tilt": 0.2, "place": 0.1, "category": 0.15}
SMOOTHING = 1.2  # points
STRENGTH = 0.02  # luminance per point
GRAY = 1 / 255  # smaller differences between channels are no color
DIRECTIONS = 8
SHARPNESS = 4.0
CENTER = (0.25, 0.75)
WINDOW = 0.2  # standard deviation, in sides
CELLS = 28  # along each side, over which channels are averaged before they are seen through windows
CHANNELS = 4  # of each unit
TOLERANCE = 2.0  # standard deviations of a variable
ANGLES = 360 * np.arange(DIRECTIONS) // DIRECTIONS
CURVATURES = [f"{sign} {angle}" for angle in ANGLES for sign in ("convex", "concave")]


def v4_units(n: int, contents: Contents, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Tuning of n units, and their gain for each label, (units, labels)."""
    weights = np.zeros((n, len(CURVATURES)))
    for row in weights:
        row[rng.permutation(len(row))[:CHANNELS]] = rng.exponential(size=CHANNELS)
    units = pd.DataFrame(weights, columns=CURVATURES)
    units["hue"] = rng.choice(ANGLES, n)
    units["horizontal"], units["vertical"] = rng.uniform(*CENTER, (2, n))
    gains = rng.exponential(size=(n, len(contents.labels)))
    return units.join(of_labels(gains, contents)).join(preferred(contents.placement, n, rng)), gains


def v4_channels(light: np.ndarray, units: pd.DataFrame) -> np.ndarray:
    """Curvature and hue through the window of each unit of V4.

    Parameters
    ----------
    light : array of shape (images, side, side, 3)
        Colors from 0 to 1.
    units : DataFrame
        Their tuning, from `v4_units`.

    Returns
    -------
    array of shape (24, images, units)
    """
    seen = windows(units.horizontal, units.vertical, WINDOW, CELLS).reshape(len(units), -1).T
    maps = (one for channels in (curvature(light @ LUMINANCE), hue(light)) for one in channels)
    return np.array([averaged(one, CELLS).reshape(len(light), -1) @ seen for one in maps])


def v4_drives(channels: np.ndarray, contents: Contents, units: pd.DataFrame, gains: np.ndarray) -> np.ndarray:
    """Drives of units of V4.

    Parameters
    ----------
    channels : array of shape (24, images, units)
        Of all images, from `v4_channels`.
    contents : Contents
        What the images show.
    units : DataFrame
    gains : array of shape (units, labels)
        Their tuning, from `v4_units`.

    Returns
    -------
    array of shape (units, images)
    """
    bent, colored = np.split(np.array([standardized(one) for one in channels]), [len(CURVATURES)])
    placement = contents.placement
    tilt = [name for name in placement if name == "roll"]
    parts = {
        "curvature": np.einsum("ciu,uc->iu", bent, units[CURVATURES].to_numpy()),
        "hue": np.einsum("ciu,cu->iu", colored, ANGLES[:, None] == units.hue.to_numpy()),
        "tilt": tolerance(placement[tilt], units, TOLERANCE),
        "place": tolerance(placement.drop(columns=tilt), units, TOLERANCE),
        "category": gains[:, contents.label].T,
    }
    return sum(np.sqrt(SHARES[name]) * standardized(part) for name, part in parts.items()).T


def curvature(luminance: np.ndarray) -> Iterator[np.ndarray]:
    """Channels of curvature, each like luminance (images, side, side), in the order of `CURVATURES`."""
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter(luminance, (0, SMOOTHING, SMOOTHING))
    down, across = np.gradient(smooth, axis=(1, 2))
    down_down, down_across = np.gradient(down, axis=(1, 2))
    across_across = np.gradient(across, axis=2)
    steepness = np.hypot(across, down) + 1e-6
    bend = across_across * down**2 - 2 * down_across * across * down + down_down * across**2
    bent = np.tanh(-SMOOTHING * bend / steepness**3) * np.minimum(steepness / STRENGTH, 1)
    convex, concave = np.maximum(bent, 0), np.maximum(-bent, 0)
    for angle in ANGLES:
        towards = selective(across / steepness, down / steepness, angle)
        yield from (convex * towards, concave * towards)


def hue(light: np.ndarray) -> Iterator[np.ndarray]:
    """Channels of hue, each (images, side, side), in the order of `ANGLES`."""
    red, green, blue = np.moveaxis(light, -1, 0)
    red_green, blue_yellow = red - green, blue - (red + green) / 2
    length = np.hypot(red_green, blue_yellow) + 1e-6
    saturation = np.maximum(length - GRAY, 0)
    for angle in ANGLES:
        yield saturation * selective(red_green / length, blue_yellow / length, angle)


def selective(x: np.ndarray, y: np.ndarray, angle: int) -> np.ndarray:
    """Tuning of the directions of unit vectors to an angle in degrees, 1 at the angle."""
    towards = math.radians(angle)
    return np.exp(SHARPNESS * (math.cos(towards) * x + math.sin(towards) * y - 1))
