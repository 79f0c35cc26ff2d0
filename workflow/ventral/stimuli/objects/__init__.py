"""Built-in object categories: functions from a random generator to the solids of one exemplar.

Up is +z, the front is +x, any size. A part has a shade of the object's one base color (`shapes.Solid`),
never a hue, so that color does not give the category away.
"""

from ventral.stimuli.objects.animals import animal, fish
from ventral.stimuli.objects.boats import boat
from ventral.stimuli.objects.furniture import chair, lamp, table
from ventral.stimuli.objects.head import head
from ventral.stimuli.objects.household import bottle, hammer, mug
from ventral.stimuli.objects.plants import fruit, tree
from ventral.stimuli.objects.vehicles import airplane, car

CATEGORIES = {
    "airplane": airplane,
    "animal": animal,
    "boat": boat,
    "bottle": bottle,
    "car": car,
    "chair": chair,
    "fish": fish,
    "fruit": fruit,
    "hammer": hammer,
    "head": head,
    "lamp": lamp,
    "mug": mug,
    "table": table,
    "tree": tree,
}
