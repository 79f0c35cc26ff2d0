"""Files that a summary was made from, or that its page shows, are named if they are gone."""

import pytest

from ventral.records.lost_results import lost_results, measured, shown

RECORD = {
    "config": {"stimuli": {"training": {}}},
    "layers": [{"model": "one", "layer": "a"}, {"model": "one", "layer": "b"}],
    "measured_sets": ["scenes"],
    "recordings": {"v4": "scenes"},
    "networks": {"one": {}},
    "tables": ["layers", "accuracy"],
    "figures": ["depth"],
}


@pytest.fixture
def whole(tmp_path):
    """A folder with all files of the study."""
    for folder, names in (measured(RECORD) | shown(RECORD)).items():
        for name in names:
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).touch()
    return tmp_path


def test_nothing_is_lost_from_a_whole_study_or_a_joined_one(whole, tmp_path_factory):
    assert lost_results(whole, RECORD) == []
    assert lost_results(tmp_path_factory.mktemp("empty"), RECORD | {"joined": True}) == []


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        (["geometry/scenes/one/a.csv", "geometry/scenes/one/b.h5"], "2 of 4 files in geometry/scenes."),
        (["predictivity/v4/one/b.csv"], "predictivity/v4/one/b.csv."),
        (["accuracy/one.csv", "networks/one/log.csv"], "accuracy/one.csv, networks/one/log.csv."),
        (["recordings/v4.h5", "stimuli/training.png"], "page lacks"),
        (["figures/depth.svg"], "figures/depth.svg."),
    ],
)
def test_what_is_lost_is_named(whole, lost, named):
    for name in lost:
        (whole / name).unlink()
    (sentence,) = lost_results(whole, RECORD)
    assert named in sentence
