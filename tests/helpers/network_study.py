"""A sound study that trains networks, and studies that differ from it in one entry."""

import copy

GOOD = {
    "stimuli": {
        "scenes": {"kind": "scenes", "base_scenes": 4},
        "training": {"kind": "scenes", "base_scenes": 16},
    },
    "networks": {
        "sweep": {
            **{"objective": "barlow_twins", "lambda": [0, 0.25], "data": {"stimuli": "training"}},
            **{"architecture": "resnet18", "batch": 8, "epochs": 3},
        }
    },
}


ASKED = {"objective": "rotation", "data": {"stimuli": "training"}, "architecture": "resnet18", "batch": 8, "epochs": 3}


def changed(path, value):
    """The good configuration with one entry changed; None takes it away."""
    config = copy.deepcopy(GOOD)
    *parents, last = path.split("/")
    place = config
    for parent in parents:
        place = place.setdefault(parent, {})
    place[last] = value
    if value is None:
        del place[last]
    return config
