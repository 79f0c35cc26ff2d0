"""With `keep_activations: false`, the disk holds the activations of one model at a time."""

import time

import numpy as np
from PIL import Image

MODELS = ("first", "second", "third")


def test_activations_of_one_model_are_on_the_disk_at_a_time(fresh):
    (fresh.folder / "pictures").mkdir()
    for i in range(2):
        Image.fromarray(np.full((20, 20, 3), 40 * i, np.uint8)).save(fresh.folder / "pictures" / f"{i}.png")

    def change(config):
        pixels = config["models"]["pixels"] | {"cache": "float16"}
        config["models"] = dict.fromkeys(MODELS, pixels)
        config["stimuli"] = {"photos": {"kind": "images", "folder": "pictures", "size": 16}}
        config["keep_activations"] = False
        del config["recordings"]

    fresh.configure(change)
    folder = fresh.folder / "results/activations"
    run = fresh.start(*(f"results/gram/photos/{model}/pixels.h5" for model in MODELS))
    seen = set()
    while run.poll() is None:
        names = {path.name for path in folder.glob("**/*.h5")}
        seen.add(frozenset(model for model in MODELS if any(model in name for name in names)))
        time.sleep(0.005)
    printed, _ = run.communicate()
    assert run.returncode == 0, printed
    assert seen == {frozenset(), *(frozenset([model]) for model in MODELS)}
    assert not any(folder.glob("**/*.h5"))
