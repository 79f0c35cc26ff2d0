"""Images of objects as scenes: the table of the 5760 images of Majaj et al. (2015), of which 3200 are public.

Every image shows one of 64 objects on a photograph. At the lowest level of variation, an object always has the same
pose and only the background changes; at the others, pose, place, size and background are drawn anew for each image. An
object is therefore a scene that varies two parameters, "background" and "variation". Within a parameter every image has
a level of its own.

The variables have the names of rendered scenes (`ventral.stimuli.scenes.Scene`). In the publisher's axes, x points out
of the screen, y to the right and z up, so the rotation in the plane of x and y is yaw, that of x and z pitch, and that
of y and z roll. Rotations are those that are alike for the objects of a category ("semantic"), in degrees; zeros, signs
and the units of place and size are the publisher's.

Source: Hong, Yamins, Majaj & DiCarlo, "Explicit information for category-orthogonal object properties increases along
the ventral stream", Nature Neuroscience 19: 613 (2016); Brain-Score's stimulus set hvm-public, for the columns.
"""

from collections.abc import Mapping

import pandas as pd

from ventral.core.errors import Fault

BACKGROUND, VARIATION = "background", "variation"
OBJECT, CATEGORY, LEVEL, PHOTOGRAPH = "object_name", "category_name", "variation", "background_id"
POSE = {
    "yaw": "rxy_semantic",
    "pitch": "rxz_semantic",
    "roll": "ryz_semantic",
    "x": "ty",
    "y": "tz",
    "size": "s",
}
SAME = 1e-6  # poses that differ by less are one pose


def object_scenes(listed: pd.DataFrame, file: str) -> Mapping[str, pd.Series]:
    """The columns of a stimulus table that say what each image shows.

    Parameters
    ----------
    listed : DataFrame of n images
        The publisher's table, all of whose columns are texts.
    file : str
        Its name, for messages.

    Returns
    -------
    mapping of Series of n values
        `scene` and `label`, both the object; `parameter`, "background" where the object has one pose at this level of
        variation, and "variation" elsewhere; `level`, counted within object and parameter; and the variables
        `category`, `exemplar` and `background`, which are numbers without an order, and those of the pose.

    Raises
    ------
    Fault
        A column is missing, or a pose is not a number.
    """
    absent = [name for name in (OBJECT, CATEGORY, LEVEL, PHOTOGRAPH, *POSE.values()) if name not in listed]
    if absent:
        raise Fault(f"{file} lacks the columns {', '.join(absent)}; it has {', '.join(listed)}.")
    pose = listed[[*POSE.values()]].apply(pd.to_numeric, errors="coerce")
    strange = pose.columns[pose.isna().any()]
    if len(strange):
        raise Fault(f"{file}: some values of {', '.join(strange)} are not numbers; fetch the file again.")
    of_object = pose.groupby([listed[LEVEL], listed[OBJECT]])
    one_pose = ((of_object.max() - of_object.min()) < SAME).all(axis=1).groupby(level=0).all()
    parameter = listed[LEVEL].map(one_pose).map({True: BACKGROUND, False: VARIATION})
    identities = {"category": CATEGORY, "exemplar": OBJECT, "background": PHOTOGRAPH}
    return {
        "scene": listed[OBJECT],
        "parameter": parameter,
        "level": listed.groupby([listed[OBJECT], parameter]).cumcount(),
        "label": listed[OBJECT],
        **{name: pd.Series(pd.factorize(listed[column], sort=True)[0]) for name, column in identities.items()},
        **{name: pose[column] for name, column in POSE.items()},
    }
