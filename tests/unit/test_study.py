"""What the rules ask of a study, without Snakemake."""

import re

import numpy as np
import pytest
from PIL import Image
from sound_config import GOOD

from ventral.config.complete import complete
from ventral.study import Study

PIXELS = {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"], "baseline": True}
NETWORK = {
    "objective": "mmcr",
    "lambda": [0, 0.2],
    "seeds": [0],
    "data": {"stimuli": "training"},
    "architecture": "resnet18",
    "batch": 4,
    "epochs": 1,
    "optimizer": {"warmup": 0},
    "last": 1,
}


def study(**sections) -> Study:
    """The study of a sound configuration with these keys and entries."""
    merged = {key: value | sections.pop(key, {}) for key, value in GOOD.items()}
    return Study(complete(merged | sections))


@pytest.fixture
def several() -> Study:
    """A study of several sets, one of them for training, with trained networks and three kinds of recordings."""
    return study(
        stimuli={
            "plain": {"kind": "scenes", "base_scenes": 12},
            "training": {"kind": "scenes", "base_scenes": 16},
            "augmented": {"kind": "augmentations", "stimuli": "plain", "images": 4, "levels": 5},
        },
        models={"pixels": PIXELS},
        networks={"sweep": NETWORK},
        recordings={"v4": {"kind": "macaque_v4", "session": 210325}, "monkeys": {"kind": "rajalingham2018_public"}},
    )


@pytest.fixture
def picture_folder(tmp_path):
    """Writes two pictures into a folder and returns the topmost folder."""

    def write(name: str):
        (tmp_path / name).mkdir(parents=True)
        for i in range(2):
            Image.fromarray(np.full((8, 8, 3), i, np.uint8)).save(tmp_path / name / f"{i}.png")
        return tmp_path / name.partition("/")[0]

    return write


def test_sets_of_recordings_count_and_those_of_training_are_not_measured(several):
    assert several.stimulus_sets == ["scenes", "plain", "training", "augmented", "v4", "monkeys"]
    assert several.measured_sets == ["scenes", "plain", "augmented", "v4", "monkeys"]
    assert [several.stimuli_of(name) for name in ("simulated", "v4")] == ["scenes", "v4"]


def test_a_set_is_made_from_its_entry_or_from_that_of_its_recording(several):
    spec = several.stimuli_spec("scenes")
    assert spec["seed"] == 0 and spec["base_scenes"] == 4 and "pooling" not in spec
    assert several.stimuli_spec("v4")["recording"] == "v4"
    assert several.stimuli_spec("v4")["session"] == several.recording_spec("v4")["session"]
    assert several.poolings(["scenes", "v4"]) == {"scenes": "none", "v4": "none"}


def test_only_rendered_sets_of_few_images_share_jobs(several):
    assert several.small_sets == ["scenes", "plain", "augmented"]
    assert several.large_sets == ["v4", "monkeys"]
    assert several.sets_of_jobs == {"": several.small_sets, "@v4": ["v4"], "@monkeys": ["monkeys"]}


def test_units_with_other_images_are_predicted_from_the_components_of_a_set(several):
    assert several.set_on_other_components("v4") == []
    config = several.config | {"predictivity": several.config["predictivity"] | {"components_from": "scenes"}}
    of_scenes = [Study(config).set_on_other_components(name) for name in ("v4", "simulated", "monkeys")]
    assert of_scenes == [["v4"], [], []]  # simulated units saw the scenes, and observers have no units


def test_only_augmentations_are_made_from_another_set(several):
    assert several.augmented_sets("augmented") == ["plain"]
    assert several.augmented_sets("scenes") == several.augmented_sets("v4") == []


@pytest.mark.parametrize(
    ("stimuli", "parameters", "independent", "labeled"),
    [
        ("scenes", ["pose"], False, False),
        ("plain", [], True, True),
        ("augmented", ["augmentation", "spatial", "photometric"], False, False),
        ("monkeys", [], True, True),
    ],
)
def test_what_applies_to_a_set(several, stimuli, parameters, independent, labeled):
    assert several.parameters_of(stimuli) == parameters
    assert several.is_independent(stimuli) == independent
    assert several.is_labeled(stimuli) == labeled


@pytest.mark.parametrize("folder", ["flat", "flat/cats"])
def test_images_are_labeled_by_the_folders_of_their_classes(picture_folder, folder):
    photos = study(stimuli={"photos": {"kind": "images", "folder": str(picture_folder(folder))}})
    assert photos.is_independent("photos")
    assert photos.is_labeled("photos") == (folder == "flat/cats")


def test_the_hash_of_a_set_changes_with_its_files(picture_folder):
    folder = picture_folder("flat")
    photos = study(stimuli={"photos": {"kind": "images", "folder": str(folder)}})
    assert photos.stimuli_hash("scenes") is None
    before = photos.stimuli_hash("photos")
    (folder / "1.png").write_bytes((folder / "0.png").read_bytes())
    assert photos.stimuli_hash("photos") != before


def test_recordings_are_of_units_or_of_choices(several):
    assert several.neural == ["simulated", "v4"]
    assert several.behavioral == ["monkeys"]
    assert several.recording_hash("simulated") is None


def test_distances_are_neither_units_nor_choices(tmp_path):
    own = {"kind": "rdm", "file": str(tmp_path / "mine.npz"), "stimuli": "scenes", "measure": "judged"}
    np.savez(own["file"], distances=np.abs(np.subtract.outer(range(9), range(9))), stimulus_id=np.arange(9))
    of_people = study(recordings={"people": own})
    assert (of_people.neural, of_people.behavioral) == (["simulated"], [])
    assert of_people.holding("distances") == ["people"] and of_people.represented == ["simulated", "people"]


def test_recordings_alone_need_no_pictures_and_have_one_figure(tmp_path):
    own = {"kind": "npz", "file": str(tmp_path / "mine.npz")}
    np.savez(own["file"], trials=np.zeros((2, 3, 4)), stimulus_id=np.arange(3))
    alone = Study(complete({"recordings": {"mine": own, "v4": {"kind": "macaque_v4", "session": 210325}}}))
    assert [alone.pictures_of(name) for name in ("mine", "v4")] == [[], ["v4"]]
    assert alone.stimulus_sets == alone.measured_sets == ["v4"] and not alone.layers
    assert (alone.summary_tables, alone.figures) == (["similarity"], ["areas", "similarity"])


def test_models_have_their_layers_and_trained_networks_come_before_baselines(several):
    assert list(several.models) == ["alexnet", "sweep_lambda0_seed0", "sweep_lambda0.2_seed0", "pixels"]
    assert len(several.layers["alexnet"]) == 5 and several.layers["pixels"] == ["pixels"]
    spec = several.model_spec("alexnet")
    assert spec["layers"] == several.layers["alexnet"] and spec["seed"] == 0
    assert not {"baseline", "last"} & {*spec}
    assert several.code_hash("alexnet") == "" != several.code_hash("pixels")


def test_the_table_of_layers_places_each_in_its_model(several):
    rows = several.layer_table()
    assert len(rows) == 8
    assert [row["position"] for row in rows] == [0, 1, 2, 3, 4, 0, 0, 0]
    assert rows[0]["family"] == "alexnet" and rows[5]["family"] == rows[6]["family"] == "sweep"
    assert all(0 <= row["depth"] <= 1 for row in rows)
    assert [row["model"] for row in rows if row["baseline"]] == ["pixels"]


def test_baselines_and_untrained_networks_have_no_family_that_predicts(several):
    assert {"alexnet", "pixels"} < {*several.layers} and len(several.families) == 2
    assert {*several.families.values()} == {"sweep"}


def test_there_is_a_path_for_every_layer_and_every_combination_of_names():
    pixels = study(models={"pixels": PIXELS})
    pixels.layers = {"a": ["x", "y"], "b": ["z"]}
    assert pixels.of_layers("{s}/{t}/{model}/{layer}", s=["1", "2"], t=["3"]) == [
        *("1/3/a/x", "2/3/a/x", "1/3/a/y", "2/3/a/y"),
        *("1/3/b/z", "2/3/b/z"),
    ]
    assert pixels.of_layers("{model}.{layer}", s=[]) == []


def test_weights_are_hashed_unless_the_study_makes_them(tmp_path, several, checkpoint):
    import torch

    assert several.weights_of("alexnet") == [] and several.weights_hash("alexnet") is None
    assert several.weights_of("sweep_lambda0_seed0") == ["results/networks/sweep_lambda0_seed0/network.pth"]
    assert several.weights_hash("sweep_lambda0_seed0") is None
    several.models["mine"] = checkpoint({"x": torch.zeros(1)})
    assert several.weights_of("mine") == [str(tmp_path / "weights.pth")]
    assert re.fullmatch("[0-9a-f]{16}", several.weights_hash("mine"))


def test_networks_are_trained_on_a_set_or_on_files_outside_the_study(several, picture_folder):
    network = "sweep_lambda0_seed0"
    assert several.training_sets(network) == ["training"] and several.training_hash(network) is None
    several.networks[network] = {"data": {"folder": str(picture_folder("flat"))}}
    assert several.training_sets(network) == []
    assert re.fullmatch("[0-9a-f]{16}", several.training_hash(network))


@pytest.mark.parametrize(
    ("device", "processes", "gpus", "several_gpus"),
    [("cpu", 2, 0, ""), ("auto", 1, 0, ""), ("cuda", 1, 1, ""), ("cuda", 2, 1, "gpu:2")],
)
def test_only_jobs_that_must_have_gpus_ask_a_cluster_for_them(several, device, processes, gpus, several_gpus):
    several.config["device"] = device
    several.networks["one"] = {"processes": processes}
    assert several.gpus == gpus
    assert several.several_gpus("one") == several_gpus


def test_files_of_the_user_s_own_are_told_from_results_and_from_the_library(tmp_path, several):
    (tmp_path / "own.py").write_text(
        "from torch import nn\n\n\ndef network():\n    return nn.Sequential(nn.Flatten())\n"
    )
    (tmp_path / "values.txt").write_text("1")
    mine = {"source": "python", "factory": f"{tmp_path}/own.py:network", "files": [f"{tmp_path}/values.txt"]}
    made = study(models={"mine": mine | {"layers": ["0"]}, "pixels": PIXELS})
    assert made.own_files("mine") == [str(tmp_path / "values.txt")] and made.own_files("pixels") == []
    [network] = [name for name in several.networks if "0.2" in name]
    assert several.is_result(several.weights_of(network)[0]) and not several.is_result("values.txt")
    assert several.files_read() == [] and several.folders_of_training(network) == []


def test_figures_are_those_that_the_study_has_the_data_for(several):
    assert several.figures == [
        *("factorization", "corrected_factorization", "parameter_pairs", "invariance", "orthogonal_information"),
        *(
            "kinds_of_change",
            "dimensionality",
            "depth",
            "prediction_errors",
            "components",
            "areas",
            "spectra",
            "sample_size",
            "classes",
        ),
        *("equivariance", "curve", "similarity", "universal_components"),
    ]
    alone = Study(complete({"stimuli": GOOD["stimuli"], "models": {"pixels": PIXELS}}))
    expected = ["factorization", "corrected_factorization", "invariance", "orthogonal_information", "spectra"]
    assert alone.figures == expected
    assert {"equivariance", "training", "paired", "universality"} == {*several.summary_tables} - {*alone.summary_tables}
