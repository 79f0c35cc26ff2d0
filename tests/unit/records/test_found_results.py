"""What is complete is used, and a sentence names everything that is not."""

import pytest

from ventral.core.errors import Fault
from ventral.records.found_results import FoundResults

MODELS = {"one": ["a", "b"], "two": ["a"]}
RECORD = {
    "layers": [{"model": model, "layer": layer} for model, layers in MODELS.items() for layer in layers],
    "measured_sets": ["scenes", "photos"],
    "recordings": {"v4": "photos"},
    "networks": {"two": {}},
    "tables": ["layers", "accuracy"],
}
ALL = [
    f"geometry/{s}/{m}/{l}{e}"
    for s in RECORD["measured_sets"]
    for m in MODELS
    for l in MODELS[m]
    for e in (".csv", ".h5")
]
ALL += [f"predictivity/v4/{m}/{l}.csv" for m in MODELS for l in MODELS[m]]
ALL += ["recordings/v4.h5", "accuracy/one.csv", "accuracy/two.csv", "networks/two/log.csv"]  # fmt: skip


@pytest.fixture
def found(tmp_path_factory):
    """What is found in a folder that lacks some of all files."""

    def find(*lacking: str) -> FoundResults:
        assert {*lacking} <= {*ALL}
        folder = tmp_path_factory.mktemp("results")
        for name in {*ALL} - {*lacking}:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        return FoundResults(folder, RECORD)

    return find


def test_nothing_is_missing_from_a_whole_study(found):
    whole = found()
    assert whole.layers == RECORD["layers"] and whole.sets == RECORD["measured_sets"] and whole.recordings == ["v4"]
    assert whole.networks == ["two"] and whole.has_accuracy and not whole.missing
    assert {str(file.relative_to(whole.folder)) for file in whole.of_layers("geometry", whole.sets, ".h5")} <= {*ALL}


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        ("geometry/scenes/one/b.csv", "geometry on scenes"),
        ("geometry/photos/one/a.h5", "geometry on photos"),
        ("predictivity/v4/one/b.csv", "predictivity of v4"),
        ("accuracy/one.csv", "accuracy"),
    ],
)
def test_a_model_that_lacks_a_table_is_left_out(found, lacking, named):
    part = found(lacking)
    assert {row["model"] for row in part.layers} == {"two"}
    (sentence,) = part.missing
    assert "model one" in sentence and named in sentence


def test_sets_and_recordings_that_no_model_has_are_left_out(found):
    part = found(*(name for name in ALL if name.startswith("geometry/scenes/")), "recordings/v4.h5")
    assert part.sets == ["photos"] and part.recordings == [] and part.layers == RECORD["layers"]
    assert "scenes" in part.missing[0] and "v4" in part.missing[1]


def test_a_network_without_its_results_has_no_log(found):
    assert found("geometry/scenes/two/a.csv").networks == []
    assert "log" in found("networks/two/log.csv").missing[0]
    assert found("accuracy/one.csv", "accuracy/two.csv").missing == ["The accuracy of the networks is not there."]


def test_a_study_without_complete_models_is_a_fault(found):
    with pytest.raises(Fault, match=r"two.*geometry on photos"):
        found("geometry/scenes/one/b.csv", "geometry/photos/two/a.csv")
