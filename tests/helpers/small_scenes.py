"""A small set of scenes, and an object that is seen from straight ahead."""

import numpy as np

FOUR = ["pose", "background", "lighting", "viewpoint"]
SMALL = {"kind": "scenes", "base_scenes": 3, "levels": 2, "parameters": FOUR, "size": 40}
HEAD_ON = {"color": np.full(3, 0.5), "rotation": np.eye(3), "up": np.array([0, 0, 1.0])}
