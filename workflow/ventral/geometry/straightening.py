"""Straightening of clips: does a representation turn the curved path of a movie's pixels into a straighter one?

The responses x_1 … x_T to the frames of a clip are a path, with the steps d_t = x_{t+1} − x_t::

    curvature     = mean over t of the angle between d_t and d_{t+1}
    straightening = curvature of the pixels − curvature of the responses

both as means over clips. Inner products of steps are second differences of the Gram matrix, so the features are not
needed. The curvature of a straight line is 0°, of T frames evenly around a circle 360°/T, of a random walk in many
dimensions 90°, and of independent responses, such as noise, 120° (their steps have the cosine −1/2).

Source: Hénaff, Goris & Simoncelli, "Perceptual straightening of natural videos", Nature Neuroscience 22: 984-991
(2019).
"""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.random import generator
from ventral.geometry.decomposition import by_scene
from ventral.geometry.family import Family, Layer
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.statistics.intervals import jackknife_interval, within
from ventral.stimuli import open_images, read_table
from ventral.stimuli.motions import CLIPS

FEWEST = 3  # frames of a clip, which have two steps
SHUFFLES = 20
SINGLE, DOUBLE = 1e-5, 1e-12  # squared steps of at most this share of the largest squared norm are rounding errors
PIXELS = "pixel_curvature"

STRAIGHTENING = Method(
    "Straightening of clips",
    "The curvature of a clip is the mean angle between successive changes of the responses to its frames, and "
    "straightening is how much smaller it is than that of the pixels. Values are means over clips, with intervals over "
    "clips (Student’s t). The control puts the frames of each clip in random order, 20 times. Noise moves curvature "
    "towards 120 degrees, so the means over trials of recorded areas look more curved than they are.",
    "Hénaff, Goris & Simoncelli, Nat Neurosci 22:984 (2019).",
    ("henaff2019",),
)
CURVATURE = Metric(
    "curvature",
    "curvature",
    Role.GEOMETRY,
    "Mean angle between successive changes of the responses to a clip: 0 if their path is straight.",
    STRAIGHTENING,
    (0, 180),
    unit="degrees",
    heading="curvature",
    counts="clip",
    control="curvature_shuffled",
)
METRICS = (
    CURVATURE,
    Metric(
        "straightening",
        "straightening",
        Role.GEOMETRY,
        "Curvature of the pixels minus curvature of the responses: positive if the path of responses is straighter.",
        STRAIGHTENING,
        (-180, 180),
        unit="degrees",
        counts="clip",
        same_as="curvature",
    ),
    CURVATURE.as_control(
        "curvature_shuffled",
        "curvature of shuffled frames",
        "The metric curvature with the frames of each clip in random order.",
    ),
)


@dataclass(frozen=True)
class Clips:
    """Clips of one motion: the images of N clips of T frames.

    Attributes
    ----------
    frames : integer array of shape (N, T)
        Rows of the stimulus table, in the order of the frames.
    products : array of shape (N, T, T)
        Inner products of the responses to the frames of each clip.
    smallest : float
        Squared steps of at most this share of the largest squared norm of a clip have no direction.
    """

    frames: np.ndarray
    products: np.ndarray
    smallest: float

    def curvatures(self) -> np.ndarray:
        """Curvature of each clip in degrees, of shape (N,); NaN for clips whose responses do not change."""
        steps = np.diff(np.diff(self.products, axis=1), axis=2)
        squares = np.diagonal(steps, axis1=1, axis2=2)
        norms = np.diagonal(self.products, axis1=1, axis2=2).max(axis=1, keepdims=True)
        lengths = np.sqrt(np.where(squares > self.smallest * norms, squares, np.nan))
        cosines = np.diagonal(steps, 1, axis1=1, axis2=2) / (lengths[:, :-1] * lengths[:, 1:])
        angles = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
        known = np.isfinite(angles)
        counts = known.sum(axis=1)
        return np.where(counts, np.where(known, angles, 0).sum(axis=1) / np.maximum(counts, 1), np.nan)

    def shuffled(self, rng: np.random.Generator) -> "Clips":
        """The same clips with the frames of each in random order."""
        order = rng.permuted(np.tile(np.arange(self.frames.shape[1]), (len(self.frames), 1)), axis=1)
        clip = np.arange(len(self.frames))[:, None, None]
        return replace(self, products=self.products[clip, order[:, :, None], order[:, None, :]])


def curvature(G: Gram, clips: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Curvature of each clip, in degrees.

    Parameters
    ----------
    G : Gram of n images
    clips : array of shape (n,)
        The clip of each image; every clip has the same number of images, three or more.
    frames : array of shape (n,)
        The place of the image in its clip.

    Returns
    -------
    array of shape (N,)
        In the order of the names of clips. NaN for clips whose responses do not change, or by rounding errors only.

    Raises
    ------
    Fault
        The clips have unequal sizes, or there are fewer than two clips or frames.
    """
    return clips_of(G, in_order(np.arange(len(G)), clips, frames)).curvatures()


def in_order(images: np.ndarray, clips: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """Images as clips × frames, given the clip and the place in the clip of each."""
    images = images[np.argsort(np.asarray(frames)[images], kind="stable")]
    order, N, T = by_scene(np.asarray(clips)[images])
    return images[order].reshape(N, T)


def clips_of(G: Gram, frames: np.ndarray) -> Clips:
    """Clips of these images, of shape (N, T)."""
    return Clips(frames, np.stack([G.block(rows) for rows in frames]), SINGLE if G.resolution else DOUBLE)


def motions_of(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """The images of each motion of a stimulus table as clips × frames; without motions of fewer than three frames."""
    rows = {str(name): images for name, images in table.groupby("parameter", sort=False).indices.items()}
    found = {name: in_order(rows[name], table.scene, table.level) for name in rows if name in CLIPS}
    return {name: frames for name, frames in found.items() if frames.shape[1] >= FEWEST}


def pixel_curvature(path: str | Path) -> np.ndarray:
    """For each image of a stimulus set, the curvature of the pixels of its clip in degrees; NaN outside clips.

    Parameters
    ----------
    path : path of the stimulus set

    Returns
    -------
    array of shape (n,)

    Raises
    ------
    Fault
        The file is missing, damaged or no stimulus set.
    """
    table = read_table(path)
    curvatures = np.full(len(table), np.nan)
    with open_images(path) as images:
        for rows in (rows for frames in motions_of(table).values() for rows in frames):
            X = np.stack([images[row] for row in rows]).reshape(len(rows), -1).astype(float)
            curvatures[rows] = Clips(rows[None], (X @ X.T)[None], DOUBLE).curvatures()
    return curvatures


def straightening_rows(layer: Layer) -> list[dict[str, object]]:
    """Curvature, straightening and the control for each motion of a stimulus table."""
    rows = []
    for name, frames in motions_of(layer.table).items():
        clips, key = clips_of(layer.G, frames), {"parameter": name}
        curved, rng = clips.curvatures(), generator(layer.seed, "frames", name)
        if (still := np.isnan(curved)).any():
            logging.warning("%s: the responses to %d of %d clips do not change.", name, still.sum(), len(still))
        if still.all():
            continue
        rows.append(key | mean_row("curvature", curved, 0))
        if PIXELS in layer.table:
            of_pixels = layer.table[PIXELS].to_numpy()[frames[:, 0]]
            rows.append(key | mean_row("straightening", of_pixels - curved, -180))
        shuffles = [np.nanmean(clips.shuffled(rng).curvatures()) for _ in range(SHUFFLES)]
        ends = {"value": np.mean(shuffles), "low": np.min(shuffles), "high": np.max(shuffles)}
        rows.append(key | {"metric": "curvature_shuffled", "n": int((~still).sum())} | ends)
    return rows


def mean_row(metric: str, values: np.ndarray, least: float) -> dict[str, object]:
    """The mean over the clips that have a value, with its 95 % interval from Student's t."""
    values = values[~np.isnan(values)]
    n, value = len(values), float(np.mean(values)) if len(values) else np.nan
    low = high = np.nan
    if n > 1:
        low, high = within(*jackknife_interval(value, (values.sum() - values) / (n - 1)), least, 180)
    return {"metric": metric, "n": n, "value": value, "low": float(low), "high": float(high)}


FAMILY = Family(6, lambda table: bool(motions_of(table)), straightening_rows)
