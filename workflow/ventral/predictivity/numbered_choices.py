"""Trials of observers with images and objects as numbers, and the table of what observers and a layer chose."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ventral.predictivity.signatures import SIGNATURES, rates_of_trials
from ventral.recordings.choices import Behavior


@dataclass(frozen=True)
class Choices:
    """Trials of observers, with images and objects as numbers.

    Attributes
    ----------
    image, distractor : integer arrays of shape (trials,)
    chosen : bool array of shape (trials,)
        Whether the distractor was chosen.
    objects : integer array of shape (images,)
        The object of each image.
    names : array of shape (objects,)
    """

    image: np.ndarray
    distractor: np.ndarray
    chosen: np.ndarray
    objects: np.ndarray
    names: np.ndarray

    def rates(self, trials: np.ndarray | slice = slice(None)) -> np.ndarray:
        """How often each distractor was chosen in some of the trials, (images, objects)."""
        shape = (len(self.objects), len(self.names))
        return rates_of_trials(self.image[trials], self.distractor[trials], self.chosen[trials], shape)

    @property
    def counts(self) -> np.ndarray:
        """Number of trials of each image and distractor, (images, objects)."""
        shape = (len(self.objects), len(self.names))
        return np.bincount(self.image * shape[1] + self.distractor, minlength=np.prod(shape)).reshape(shape)


def numbered(behavior: Behavior, ids: np.ndarray) -> Choices:
    """Trials with numbers of images, in the order of their ids, and of objects, in alphabetical order."""
    trials = behavior.trials
    objects = behavior.objects[ids]
    names = np.array(sorted(set(objects)), dtype=object)
    return Choices(
        image=pd.Index(ids).get_indexer(trials.stimulus_id),
        distractor=pd.Index(names).get_indexer(trials.distractor),
        chosen=(trials.choice == trials.distractor).to_numpy(),
        objects=pd.Index(names).get_indexer(objects),
        names=names,
    )


def within_objects(objects: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random order of the images that only exchanges images of the same object."""
    order = np.empty(len(objects), dtype=int)
    for one in np.unique(objects):
        rows = np.flatnonzero(objects == one)
        order[rows] = rng.permutation(rows)
    return order


def cells(choices: Choices, ids: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> pd.DataFrame:
    """Choices and i2n of the layer and of the observers for each image and offered distractor."""
    offered = np.nonzero(~np.isnan(theirs))
    i2n = SIGNATURES["i2n"]
    return pd.DataFrame(
        {
            "stimulus_id": ids[offered[0]],
            "object": choices.names[choices.objects[offered[0]]],
            "distractor": choices.names[offered[1]],
            "trials": choices.counts[offered],
            "rate": ours[offered],
            "observed_rate": theirs[offered],
            "i2n": i2n(ours, choices.objects)[offered],
            "observed_i2n": i2n(theirs, choices.objects)[offered],
        }
    )
