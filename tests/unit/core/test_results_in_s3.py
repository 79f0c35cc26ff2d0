"""Where results lie with an object store, and what happens when the store does not answer."""

import logging
from pathlib import Path
from unittest.mock import Mock

import pytest
from publisher import closed_port

from ventral.core.errors import Fault
from ventral.core.object_store import fetch, place_of, remove, store


def workflow(provider=None, prefix=None):
    """As much of Snakemake's workflow as tells where results are kept."""
    run = Mock()
    run.storage_registry.default_storage_provider = provider
    run.storage_settings.default_storage_prefix = prefix
    return run


def kept(query):
    """An object of a store as Snakemake describes it."""
    return Mock(query=query, local_path=lambda: Path("copies", query.partition("://")[2]))


def test_results_lie_in_their_folder_or_in_a_bucket_with_copies_here():
    here = place_of("results/one", workflow())
    assert (here.folder, here.address, here.of("a.csv")) == ("results/one", "", "")
    there = place_of("results", workflow(Mock(object=kept), "s3://bucket/study/"))
    assert there.folder == "copies/bucket/study/results" and there.of("a.csv") == "s3://bucket/study/results/a.csv"
    elsewhere = place_of("results", workflow(Mock(object=kept), "gcs://bucket"))
    assert elsewhere.folder == "copies/bucket/results" and elsewhere.of("a.csv") == ""


def test_an_absolute_results_folder_is_refused_with_an_object_store():
    with pytest.raises(Fault, match=r"^results: '/results' must be a relative path"):
        place_of("/results", workflow(Mock(object=kept), "s3://bucket"))


def test_a_store_that_does_not_answer_stops_only_what_needs_it(tmp_path, monkeypatch, caplog):
    settings = {"ENDPOINT_URL": f"http://127.0.0.1:{closed_port()}", "MAX_ATTEMPTS": "1"}
    settings |= {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": "us-east-1"}
    for key, value in settings.items():
        monkeypatch.setenv(f"AWS_{key}", value)
    caplog.set_level(logging.WARNING)
    (tmp_path / "state").write_text("kept")
    store(tmp_path / "state", "s3://bucket/state")
    remove("s3://bucket/state")
    assert len([message for message in caplog.messages if "s3://bucket/state" in message]) == 2
    with pytest.raises(Fault, match=r"^s3://bucket/state cannot be fetched"):
        fetch("s3://bucket/state", tmp_path / "state")
    assert (tmp_path / "state").read_text() == "kept"
