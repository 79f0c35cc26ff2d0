"""Results in a bucket of S3: a killed study is resumed by a machine that has nothing but the bucket."""

import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import boto3
import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image
from publisher import closed_port
from test_trained import NETWORK

BUCKET = "study"
PROFILE = ("--profile", "profiles/object-store", "--default-storage-prefix", f"s3://{BUCKET}/tiny")
NAME = "small_lambda0_seed0"


@dataclass
class Bucket:
    """A bucket of a store on this machine, and the file that lists every request."""

    client: object
    requests: Path

    def content(self, ending: str = "") -> dict[str, tuple]:
        """Content, as a digest, and time of every object whose name has this ending."""
        listed = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        found = {one["Key"].removeprefix("tiny/results/"): (one["ETag"], one["LastModified"]) for one in listed}
        return {key: value for key, value in found.items() if key.endswith(ending)}

    def read(self, name: str) -> bytes:
        return self.client.get_object(Bucket=BUCKET, Key=f"tiny/results/{name}")["Body"].read()

    def counts(self, method: str) -> Counter:
        """How often each object was the subject of a request; listings are left out."""
        log = re.sub(r"\x1b\[[0-9;]*m", "", self.requests.read_text())  # without colors
        asked = re.findall(rf'"{method} /{BUCKET}/tiny/results/([^ ?]+) HTTP', log)
        return Counter(asked)


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """An empty bucket of a store that runs while a test does."""
    port = closed_port()
    address = f"http://127.0.0.1:{port}"
    for key, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "ENDPOINT_URL": address}.items():
        monkeypatch.setenv(f"AWS_{key}", value)
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    with (tmp_path / "requests").open("w") as requests:
        server = subprocess.Popen(command, stdout=requests, stderr=subprocess.STDOUT)
    try:
        client, end = boto3.client("s3", region_name="us-east-1"), time.monotonic() + 60
        while f"127.0.0.1:{port}" not in (tmp_path / "requests").read_text() and time.monotonic() < end:
            time.sleep(0.1)
        client.create_bucket(Bucket=BUCKET)
        yield Bucket(client, tmp_path / "requests")
    finally:
        server.kill()
        server.wait()


def kill_when(study, happened, *targets) -> None:
    """Kill a run and all its jobs when something has happened, and what they left on this machine."""
    process, end = study.start(*PROFILE, *targets), time.monotonic() + 300
    while not happened() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
    running = process.poll() is None
    os.killpg(process.pid, signal.SIGKILL) if running else None
    printed, _ = process.communicate()
    assert running, printed
    shutil.rmtree(study.folder / ".snakemake" / "storage")


def test_a_killed_study_is_resumed_from_the_bucket_with_the_same_tables(fresh, undisturbed, bucket):
    kill_when(fresh, lambda: bucket.counts("PUT")["gram/scenes/pixels/pixels.h5"])
    assert not bucket.counts("GET")  # what one machine makes, it need not fetch
    ended = ("stimuli/", "recordings/", "activations/scenes/pixels")
    before = {name: state for name, state in bucket.content(".h5").items() if name.startswith(ended)}
    fresh.run(*PROFILE)
    assert len(before) >= 3 and before.items() <= bucket.content(".h5").items()  # and were not made again
    expected = undisturbed.tables()
    assert {name for name in bucket.content(".csv") if not name.startswith("benchmarks/")} == expected.keys()
    for name, table in expected.items():
        found = pd.read_csv(io.BytesIO(bucket.read(name)), keep_default_na=False)
        pd.testing.assert_frame_equal(found, table, obj=name)
    counts = bucket.counts("GET")
    assert "Nothing to be done" in fresh.run(*PROFILE)
    assert bucket.counts("GET") == counts and bucket.content("summary/study.json")
    assert b"<html" in bucket.read("report.html")
    needed = counts - Counter(expected.keys())  # without those of this test
    assert set(needed.values()) == {1}, needed


@pytest.fixture
def own(fresh, monkeypatch):
    """A study of the user's own folders, code and files, and of a recording in VENTRAL_DATA."""
    rng = np.random.default_rng(0)

    def picture() -> bytes:
        written = io.BytesIO()
        Image.fromarray(rng.integers(0, 255, (24, 24, 3), dtype=np.uint8)).save(written, "png")
        return written.getvalue()

    for place in ("pictures", "training/a", "training/b"):
        (fresh.folder / place).mkdir(parents=True)
        for i in range(6):
            (fresh.folder / place / f"{i}.png").write_bytes(picture())
    data = fresh.folder / "data"
    data.mkdir()
    with zipfile.ZipFile(data / "images_190924.zip", "w") as archive:
        for i in range(6):
            archive.writestr(f"image{i:04d}.jpg", picture())
    np.save(data / "responses_mean_190924.npy", rng.random((5, 6)))
    monkeypatch.setenv("VENTRAL_DATA", str(data))
    (fresh.folder / "small.py").write_text(NETWORK)
    (fresh.folder / "values.txt").write_text("1")
    network = {"objective": "barlow_twins", "lambda": [0], "data": {"folder": "training"}, "size": 16, "batch": 4}
    network |= {"architecture": "small.py:network", "projector": [12, 12], "epochs": 60, "layers": ["5"]}
    study = {
        "device": "cpu",
        "stimuli": {"pictures": {"kind": "images", "folder": "pictures", "size": 24}},
        "models": {
            "mine": {"source": "python", "factory": "small.py:network", "files": ["values.txt"], "layers": ["5"]}
        },
        "networks": {"small": network},
        "recordings": {"v4": {"kind": "macaque_v4", "session": 190924, "size": 24}},
    }
    (fresh.folder / "config.yaml").write_text(yaml.safe_dump(study))
    script = fresh.folder / "workflow/scripts/training.py"
    script.write_text(script.read_text().replace("threads=", "checkpoint_every=0.0, threads="))
    return fresh


def test_own_files_are_read_where_they_are_and_training_resumes_from_its_state_in_the_bucket(own, bucket):
    state, weights = f"networks/{NAME}/state.pth", f"networks/{NAME}/network.pth"
    kill_when(own, lambda: bucket.counts("PUT")[state] > 3, "--", f"results/{weights}")
    assert bucket.content("state.pth") and not bucket.content("network.pth")
    results = ("recordings/v4.h5", "gram/pictures/mine/5.h5", f"gram/pictures/{NAME}/5.h5", "summary/provenance.json")
    own.run(*PROFILE, "--", *(f"results/{name}" for name in results))
    assert re.search(rb"resumes after step [1-9]", bucket.read(f"logs/training/{NAME}.log"))
    assert not bucket.content("state.pth") and {*results, weights} <= bucket.content().keys()
    digest = hashlib.sha256(bucket.read(weights)).hexdigest()
    assert digest in bucket.read("summary/provenance.json").decode()
    assert not (own.folder / "results").exists()
