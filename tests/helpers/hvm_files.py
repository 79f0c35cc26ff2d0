"""A small table of images in the format of Brain-Score's stimulus set hvm-public."""

import numpy as np
import pandas as pd


def hvm_table(n, objects=3):
    """Columns of n images: the first third of them without variation of the object, the others with all of it."""
    rng, i = np.random.default_rng(0), np.arange(n)
    still = i < n // 3
    pose = {name: np.where(still, i % objects, rng.uniform(-45, 45, n)) for name in ("rxy", "rxz", "ryz")}
    place = {name: np.where(still, 0.0, rng.uniform(-0.3, 0.3, n)) for name in ("ty", "tz")}
    columns = {
        "id": i + 1,
        "image_file_name": [f"{one:040x}.png" for one in i],
        "background_id": [f"{one:040x}" for one in rng.permutation(n)],
        "object_name": [f"object{one}" for one in i % objects],
        "category_name": np.where(i % objects < 2, "Animals", "Cars"),
        "variation": np.where(still, 0, 3),
        "s": np.where(still, 1.0, rng.uniform(0.6, 1.4, n)),
        "size": 256,
        **place,
        **pose,
        **{f"{name}_semantic": values + 90 for name, values in pose.items()},
    }
    return pd.DataFrame(columns)
