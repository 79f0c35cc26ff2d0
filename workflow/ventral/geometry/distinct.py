"""Images of equal pixels count once in geometry, whatever their ids.

A second copy of an image is no second sample: a read-out that learned from one copy names the other, and unbiased
products take pairs of images for independent draws.
"""

import logging

import numpy as np
import pandas as pd

from ventral.stimuli.augmentations import INDEPENDENT


def distinct_images(table: pd.DataFrame, independent: bool) -> np.ndarray:
    """Rows of a stimulus table without copies, which are counted in the log.

    Parameters
    ----------
    table : DataFrame of n rows
        `stimulus_id`, `scene`, `parameter`, `level` and, to find copies, `content`, which is equal for equal pixels.
    independent : bool
        Whether every image is a sample; otherwise scenes are, and a scene is a copy where all of its images equal those
        of an earlier scene. Images under augmentations of their own are not compared.

    Returns
    -------
    integer array
        In order: of each image, or scene, the first.
    """
    if "content" not in table:
        return np.arange(len(table))
    if independent:
        copied, what = table.content.duplicated().to_numpy(), "images"
    else:
        compared = table[table.parameter != INDEPENDENT].sort_values(["parameter", "level"], kind="stable")
        shown = compared.groupby("scene", sort=False).content.agg("".join)
        copied, what = table.scene.isin(shown.index[shown.duplicated()]).to_numpy(), "images of scenes"
    if copied.any():
        logging.warning("%d of %d %s have the pixels of earlier ones and are left out.", copied.sum(), len(table), what)
    return np.flatnonzero(~copied)
