"""The user's own tables of observers' choices: read, or named in a sentence."""

import pandas as pd
import pytest
from own_recordings import IDS

from ventral.core.errors import Fault
from ventral.recordings.choices import read_behavior
from ventral.recordings.prepare import make


def own_choices(tmp_path, stimuli, **changed):
    objects = ["dog", "bear"] * 3
    trials = {"stimulus_id": IDS, "sample": objects, "distractor": objects[::-1], "choice": ["dog"] * 6} | changed
    pd.DataFrame(trials).to_csv(tmp_path / "choices.csv", index=False)
    spec = {"kind": "trials", "file": str(tmp_path / "choices.csv"), "stimuli": "photos", "citation": "Me (2026)"}
    make("mine", spec, tmp_path / "mine.h5", stimuli)
    return read_behavior(tmp_path / "mine.h5")


def test_choices_are_read(tmp_path, stimuli):
    found = own_choices(tmp_path, stimuli)
    assert list(found.trials.stimulus_id) == IDS and set(found.trials.choice) == {"dog"}
    assert (found.licence, found.citation, found.source) == ("not stated", "Me (2026)", str(tmp_path / "choices.csv"))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"choice": ["cat"] * 6}, "in 6 of 6 trials .* 'cat'"),
        (
            {"stimulus_id": [*IDS[:5], "image9"]},
            "1 images of the recording mine are unknown to its stimulus set .*: image9",
        ),
    ],
)
def test_choices_that_break_the_contract_are_a_sentence(changed, sentence, tmp_path, stimuli):
    with pytest.raises(Fault, match=sentence):
        own_choices(tmp_path, stimuli, **changed)


def test_a_table_without_the_columns_is_named(tmp_path, stimuli):
    (tmp_path / "choices.csv").write_text("stimulus_id,sample\nimage0,dog\n")
    with pytest.raises(Fault, match="lacks the columns distractor, choice; it has stimulus_id, sample"):
        make(
            "mine",
            {"kind": "trials", "file": str(tmp_path / "choices.csv"), "stimuli": "photos"},
            tmp_path / "mine.h5",
            stimuli,
        )


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("stimulus_id;sample;distractor;choice\nimage0;dog;bear;dog\n", "commas"),
        ("stimulus_id,sample,distractor,choice\nimage0,dog,bear\n", "row 2"),
        ("", "empty"),
        ("stimulus_id,sample,distractor,choice\nimage0,h\xfcnd,bear,bear\n", "UTF-8"),
    ],
)
def test_tables_of_choices_that_are_no_tables_are_named(content, named, tmp_path, stimuli):
    (tmp_path / "choices.csv").write_bytes(content.encode("latin1"))
    with pytest.raises(Fault, match=rf"choices\.csv.*{named}"):
        make(
            "mine",
            {"kind": "trials", "file": str(tmp_path / "choices.csv"), "stimuli": "photos"},
            tmp_path / "mine.h5",
            stimuli,
        )


def test_choices_of_another_unicode_form_match(tmp_path, stimuli):
    found = own_choices(
        tmp_path, stimuli, sample=["é", "b"] * 3, distractor=["b ", "e\u0301"] * 3, choice=["e\u0301"] * 6
    )
    assert set(found.trials.choice) == {"é"}
