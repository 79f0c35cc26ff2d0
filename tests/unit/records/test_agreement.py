"""Studies agree if one name always means the same."""

import copy

import pytest

from ventral.records.agreement import disagreements
from ventral.records.merged import merged_fingerprints, merged_record

STUDY = {
    "models": {"net": {"fingerprint": "a", "source": "x"}},
    "stimuli": {"scenes": {"digest": "b"}},
    "recordings": {"v4": {"digest": "c", "stimuli": "scenes"}},
    "settings": {"seed": 0, "predictivity": {"splits": {"folds": 5}}, "pooling": {"scenes": "none"}},
}


def changed(*keys, value):
    study = copy.deepcopy(STUDY)
    place = study
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return study


def test_equal_studies_and_further_names_agree():
    more = changed("models", "other", value={"fingerprint": "z", "source": ""})
    more["settings"]["pooling"] = {"photos": "avg"}
    assert disagreements({"one": STUDY, "two": copy.deepcopy(STUDY), "three": more}) == []
    assert disagreements({"one": STUDY, "two": changed("models", "net", "source", value="moved")}) == []


@pytest.mark.parametrize(
    ("keys", "value", "named"),
    [
        (("models", "net", "fingerprint"), "z", "models.net"),
        (("stimuli", "scenes", "digest"), "z", "stimuli.scenes"),
        (("recordings", "v4", "digest"), "z", "recordings.v4"),
        (("recordings", "v4", "stimuli"), "z", "recordings.v4"),
        (("settings", "seed"), 1, "seed"),
        (("settings", "predictivity", "splits", "folds"), 3, "predictivity.splits.folds"),
        (("settings", "pooling", "scenes"), "avg", "pooling.scenes"),
    ],
)
def test_everything_that_differs_is_named(keys, value, named):
    (sentence,) = disagreements({"one": STUDY, "two": changed(*keys, value=value)})
    assert sentence.startswith(f"{named}:") and "one" in sentence and "two" in sentence


def test_records_and_digests_are_merged():
    second = changed("settings", "pooling", value={"photos": "avg"}) | {"models": {"other": {"fingerprint": "z"}}}
    merged = merged_fingerprints([STUDY, second])
    assert {*merged["models"]} == {"net", "other"} and merged["settings"]["pooling"] == {
        "scenes": "none",
        "photos": "avg",
    }
    record = {"measured_sets": ["scenes"], "neural": [], "tables": ["layers"], "recordings": {}}
    record |= {"species": {}, "networks": {}}
    one = record | {"config": {"title": "A", "seed": 0, "models": {"net": {"source": "x"}}, "left_out": {"other": {}}}}
    two = record | {
        "config": {"title": "B", "seed": 0, "models": {"other": {"source": "y"}}},
        "measured_sets": ["photos"],
    }
    joined = merged_record([one, two], "out", [{"model": "net"}])
    assert {*joined["config"]["models"]} == {"net", "other"} and joined["config"]["left_out"] == {}
    assert joined["measured_sets"] == ["scenes", "photos"] and joined["config"]["title"] == "A + B"
