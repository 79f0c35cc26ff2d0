"""A study that names labeled images judges the classifier of each network on them."""

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

NETWORK = """
import torch

class Reddest(torch.nn.Module):
    \"\"\"Six outputs, from the first to the last for reddish images and the other way round for others.\"\"\"

    def __init__(self):
        super().__init__()
        self.features = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten())
        self.classifier = torch.nn.Linear(48, 6)
        torch.nn.init.zeros_(self.classifier.weight)
        self.classifier.weight.data[:, :16] = torch.arange(6, 0, -1)[:, None]

    def forward(self, x):
        return self.classifier(self.features(x))

def network():
    return Reddest()
"""
CLASSES = ["pink", "orange", "brown", "gray", "blue", "red"]


@pytest.fixture
def study(fresh):
    """Twelve images of three classes, a network that orders its outputs by redness, and one with other outputs."""
    rng = np.random.default_rng(0)
    for label, color in (("red", (220, 40, 40)), ("blue", (20, 20, 220)), ("pink", (240, 20, 20))):
        folder = fresh.folder / "photos" / label
        folder.mkdir(parents=True)
        for i in range(4):
            noise = rng.integers(-15, 15, (32, 32, 3))
            Image.fromarray(np.uint8(np.add(color, noise))).save(folder / f"{i}.png")
    (fresh.folder / "nets.py").write_text(NETWORK)
    (fresh.folder / "classes.txt").write_text("\n".join(CLASSES))
    own = {"source": "python", "factory": "nets.py:network", "layers": ["features", "classifier"]}
    pixels = {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"], "baseline": True}
    models = {"reddest": own, "squeezenet": {"source": "torchvision", "architecture": "squeezenet1_1", "last": 1}}
    config = {"device": "cpu", "stimuli": {"photos": {"kind": "images", "folder": "photos", "size": 32}}}
    config |= {"models": models | {"pixels": pixels}, "accuracy": {"stimuli": "photos", "classes": "classes.txt"}}
    (fresh.folder / "config.yaml").write_text(yaml.safe_dump(config))
    return fresh


def test_accuracies_are_in_the_tables_and_on_the_page(study):
    study.run()
    tables = study.tables()
    own = tables["accuracy/reddest.csv"].set_index("metric")
    assert own.value.astype(float).to_dict() == pytest.approx({"head_top_1": 1 / 3, "head_top_5": 2 / 3})
    assert (own.n == 12).all() and (own["head"] == "6 outputs").all()
    gathered = tables["summary/accuracy.csv"]
    assert gathered.model.value_counts().to_dict() == {"reddest": 2, "squeezenet": 2, "pixels": 2}
    assert gathered[gathered.model == "squeezenet"]["head"].str.contains("1000 numbers per image").all()
    layers = pd.read_csv(study.folder / "results/summary/layers.csv").set_index("model")
    assert layers.loc["reddest", "head_top_1@photos"].tolist() == pytest.approx([1 / 3] * 2)
    assert layers.loc[["squeezenet", "pixels"], "head_top_1@photos"].isna().all()
    assert (layers["linear_probe_top_1@photos"] > 0.5).all()
    page = (study.folder / "results/report.html").read_text()
    assert "Accuracy on photos" in page and "0.33 [0.14, 0.61]" in page
