"""Processor time of rendering, of the published design and of the default study's sets.

    python tests/benchmarks/rendering.py

The published design (Lindsey & Issa, eLife 13:91685, 2024) has 100 base scenes with 10 levels of pose, background,
lighting and viewpoint, 4,000 images of 224 pixels. A seventh of it is rendered in one process, and its time is scaled.
"""

import time

from ventral.stimuli.compose import Props, pictures
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.scenes import design

FOUR = ["pose", "background", "lighting", "viewpoint"]


def main() -> None:
    for name, spec, size, images in (
        ("published", {"base_scenes": 14, "levels": 10, "parameters": FOUR}, 224, 4000),
        ("naturalistic", {"base_scenes": 140}, 112, 400),
        ("naturalistic", {"base_scenes": 140}, 224, 400),
    ):
        shots = design(name, spec, CATEGORIES)
        start = time.process_time()
        pictures([shot.scene for shot in shots], size, Props())
        each = (time.process_time() - start) / len(shots)
        print(
            f"{name}, {size} px: {1000 * each:.0f} ms per image, {each * images:.0f} s for {images} images", flush=True
        )


if __name__ == "__main__":
    main()
