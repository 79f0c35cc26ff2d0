"""The record of a study says what it consists of."""

import pytest
from sound_config import GOOD

from ventral.config.complete import complete
from ventral.core.errors import Fault
from ventral.records.study_record import FILE, own_files, read_record, record_of, settings_of, write_record
from ventral.study import Study


@pytest.fixture
def study(tmp_path) -> Study:
    return Study(complete(GOOD | {"results": str(tmp_path / "results")}))


def test_a_record_is_read_as_it_was_made(study):
    write_record(study, study.config["results"])
    found = read_record(study.config["results"])
    assert found == record_of(study)
    assert {row["model"] for row in found["layers"]} == {*study.models}


def test_settings_and_files_are_those_of_the_study(study):
    assert {"seed", "geometry", "predictivity", "pooling"} <= {*settings_of(study)}
    assert {*own_files(study)["models"]} == {*study.models}
    assert {*own_files(study)["recordings"]} == {*study.recordings}


def test_folders_that_are_no_results_are_faults(tmp_path):
    with pytest.raises(Fault, match="results folder"):
        read_record(tmp_path)
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text("{")
    with pytest.raises(Fault, match="damaged"):
        read_record(tmp_path)
