"""A sound configuration, and copies of it with one value changed."""

import copy

GOOD = {
    "stimuli": {"scenes": {"kind": "scenes", "base_scenes": 4, "levels": 3, "parameters": ["pose"]}},
    "models": {"alexnet": {"source": "torchvision"}},
    "recordings": {"simulated": {"kind": "simulated", "stimuli": "scenes"}},
}


def changed(path: str, value) -> dict:
    config = copy.deepcopy(GOOD)
    *parents, last = path.split("/")
    place = config
    for parent in parents:
        place = place[parent]
    place[last] = value
    return config
