"""Networks trained on ImageNet recognize the built-in objects, and natural colors alone do not tell the category."""

import numpy as np
import pytest
from object_color import nearest_color_accuracy
from recognized_objects import accepted, judge, recognized

from ventral.stimuli.compose import Props, pictures
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.palettes import near
from ventral.stimuli.scenes import design


@pytest.mark.slow
def test_a_trained_network_recognizes_the_objects():
    categories = sorted(accepted())
    shots = design("recognition", {"base_scenes": 52}, categories)
    right = recognized(
        judge("lite0")(pictures([shot.scene for shot in shots], 224, Props())), [shot.scene.category for shot in shots]
    )
    first, five = right.mean(axis=0)
    assert first > 0.5 and five > 0.75  # of 371 scenes of the default study: see docs/stimuli.md


def test_accepted_names_are_of_all_categories_but_heads_and_of_one_each():
    names = accepted()
    assert set(names) == set(CATEGORIES) - {"head"}
    shared = [index for indices in names.values() for index in indices]
    assert len(shared) - len(set(shared)) == 2  # fig and jackfruit are trees and their fruit


@pytest.mark.slow
def test_mean_color_hardly_tells_the_category():
    random, natural = nearest_color_accuracy("random", 280), nearest_color_accuracy("natural", 280)
    assert random < 0.2 and natural < 0.22  # chance is 0.07


def test_styles_have_several_hues():
    few = [(name, style) for name, styles in CATEGORIES.items() for style in styles if len(styles[style].colors) < 2]
    assert few == [("animal", "zebra")]
    for styles in CATEGORIES.values():
        hues = {
            round(hue, 1) % 1 for style in styles.values() for hue, saturation, _ in style.colors if saturation > 0.1
        }
        assert len(hues) > 1 or styles.keys() == {"bust"}


def test_a_base_color_is_near_one_of_its_style():
    colors = ((0.1, 0.5, 0.5), (0.6, 0.5, 0.5))
    assert near(colors, (0.25, 0.5, 0.5)) == colors[0] and near(colors, (0.75, 0.5, 0.5)) == colors[1]
    draws = np.random.default_rng(0).random((200, 3))
    drawn = np.array([near(((0.99, 0.02, 0.98),), tuple(draw)) for draw in draws])
    assert (drawn >= 0).all() and (drawn <= 1).all()


def test_only_the_colors_of_scenes_depend_on_the_palette():
    natural, random = (design("some", {"base_scenes": 28, "palette": p}, CATEGORIES) for p in ("natural", "random"))
    for a, b in zip(natural, random, strict=True):
        a, b = vars(a.scene), vars(b.scene)
        assert {key for key in a if a[key] != b[key]} <= {"colour_hue", "colour_saturation", "colour_value"}
    fixed = design("some", {"base_scenes": 28, "ranges": {"colour_hue": [0.5, 0.5]}}, CATEGORIES)
    assert {shot.scene.colour_hue for shot in fixed} == {0.5}
    assert [shot.scene.colour_value for shot in fixed] == [shot.scene.colour_value for shot in natural]


def test_parts_have_colors_of_their_own_only_in_the_natural_palette():
    shot = next(shot for shot in design("some", {"base_scenes": 14}, CATEGORIES) if shot.scene.category == "tree")
    (natural,), (random,) = (pictures([shot.scene], 48, Props(palette=palette)) for palette in ("natural", "random"))
    assert np.abs(natural.astype(int) - random).max() > 20
