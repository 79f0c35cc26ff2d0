"""The published size: 46 models, 568 layers."""

import json
import re

import yaml
from study import ROOT

STAGES = ("gram", "geometry", "predictivity")  # one job makes all layers of a model, for all small stimulus sets


def published(config: dict) -> dict:
    """A configuration of 46 networks with 568 layers in all."""
    catalog = json.loads((ROOT / "workflow/ventral/models/layers.json").read_text())
    names = catalog["resnet50"]["layers"].split()
    counts = [13] * 16 + [12] * 30
    networks = {
        f"network{i:02d}": {"source": "torchvision", "architecture": "resnet50", "layers": names[-count:]}
        for i, count in enumerate(counts)
    }
    return config | {"models": networks}


def test_a_study_of_568_layers_is_planned(fresh):
    (fresh.folder / "config.yaml").write_text(yaml.safe_dump(published(fresh.config)))
    printed = fresh.run("--dry-run")
    jobs = dict(re.findall(r"^(\w+)\s+(\d+)$", printed, re.MULTILINE))
    of_models = {stage: [int(n) for rule, n in jobs.items() if rule.startswith(f"{stage}_network")] for stage in STAGES}
    assert of_models == {stage: [1] * 46 for stage in STAGES}
    assert int(jobs["activations_of_small_sets"]) == 46
