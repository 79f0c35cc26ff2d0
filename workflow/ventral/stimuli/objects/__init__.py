"""Built-in object categories, each of several styles; see `ventral.stimuli.objects.object_style.Style`.

A part of an object has a shade of the object's one base color and, in natural colors, perhaps a tint of its own
(`ventral.stimuli.shapes.Solid`).
"""

from ventral.core.random import generator
from ventral.stimuli.objects.airplanes import AIRPLANES
from ventral.stimuli.objects.animals import ANIMALS
from ventral.stimuli.objects.boats import BOATS
from ventral.stimuli.objects.bottles import BOTTLES
from ventral.stimuli.objects.cars import CARS
from ventral.stimuli.objects.chairs import CHAIRS
from ventral.stimuli.objects.fishes import FISHES
from ventral.stimuli.objects.fruits import FRUITS
from ventral.stimuli.objects.hammers import HAMMERS
from ventral.stimuli.objects.heads import HEADS
from ventral.stimuli.objects.lamps import LAMPS
from ventral.stimuli.objects.mugs import MUGS
from ventral.stimuli.objects.tables_and_desks import TABLES
from ventral.stimuli.objects.trees import TREES
from ventral.stimuli.palettes import Hsv, near

CATEGORIES = {
    "airplane": AIRPLANES,
    "animal": ANIMALS,
    "boat": BOATS,
    "bottle": BOTTLES,
    "car": CARS,
    "chair": CHAIRS,
    "fish": FISHES,
    "fruit": FRUITS,
    "hammer": HAMMERS,
    "head": HEADS,
    "lamp": LAMPS,
    "mug": MUGS,
    "table": TABLES,
    "tree": TREES,
}


def style_of(category: str, exemplar: int) -> str:
    """The style of an exemplar of a built-in category; all are equally likely."""
    return str(generator("style", category, exemplar).choice(sorted(CATEGORIES[category])))


def natural_color(category: str, exemplar: int, draws: Hsv) -> Hsv:
    """Natural base color of an exemplar of a built-in category, from three numbers in [0, 1)."""
    return near(CATEGORIES[category][style_of(category, exemplar)].colors, draws)
