"""How many rendered objects three networks trained on ImageNet recognize, for each category.

    python tests/benchmarks/recognition.py [SIZE]

The scenes of the default study's set `naturalistic` are rendered with SIZE pixels along each side (112, as there) and
shown to EfficientNet-Lite0, 1 and 2, which resize them to their own size. The last line is the share of objects whose
category is that of the object with the nearest mean color, as a mean over three sets of 420 objects.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "helpers"))

from object_color import nearest_color_accuracy
from recognized_objects import NETWORKS, accepted, judge, recognized

from ventral.stimuli.compose import Props, pictures
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.scenes import design


def main(size: int) -> None:
    shots = [shot for shot in design("naturalistic", {"base_scenes": 400}, CATEGORIES) if shot.scene.category != "head"]
    images = pictures([shot.scene for shot in shots], size, Props())
    categories = [shot.scene.category for shot in shots]
    right = {name: recognized(judge(name)(images), categories) for name in NETWORKS}
    print("| category | " + " | ".join(f"{name} top-1 | top-5" for name in NETWORKS) + " |")
    print("|---|" + "---|" * 2 * len(NETWORKS))
    for category in [*sorted(accepted()), "all"]:
        chosen = np.array([category in (own, "all") for own in categories])
        shares = [f"{share:.2f}" for name in NETWORKS for share in right[name][chosen].mean(axis=0)]
        print(f"| {category} | " + " | ".join(shares) + " |")
    for palette in ("natural", "random"):
        shares = [nearest_color_accuracy(palette, seed=seed) for seed in range(3)]
        print(f"Nearest mean color, {palette}: {np.mean(shares):.3f}; chance {1 / len(CATEGORIES):.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 112)
