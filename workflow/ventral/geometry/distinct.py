"""Images with identical pixels count once in geometry, even if their ids differ.

A copy of an image is not another sample. A read-out that learned one copy would recognize the other, and unbiased
products assume that images are independent.
"""

import logging

import numpy as np
import pandas as pd

from ventral.stimuli.table import INDEPENDENT


def distinct_images(table: pd.DataFrame, independent: bool) -> np.ndarray:
    """Rows of a stimulus table without copies of images; the log counts the copies.

    Parameters
    ----------
    table : DataFrame of n rows
        `stimulus_id`, `scene`, `parameter`, `level` and `content`, which is the same for identical pixels. Without the
        column `content` all rows are kept.
    independent : bool
        Whether every image is a sample. Otherwise scenes are the samples, and a scene is a copy if all its images equal
        those of an earlier scene. Images under augmentations that belong to one image are not compared.

    Returns
    -------
    integer array
        Row indices of the images that are kept, in order.
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
        logging.warning("%d of %d %s are copies of earlier ones and are left out.", copied.sum(), len(table), what)
    return np.flatnonzero(~copied)
