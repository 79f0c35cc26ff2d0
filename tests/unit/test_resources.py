"""What jobs ask a cluster for: enough and not too much for what they use, more at later attempts."""

import re
import subprocess
import sys
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
import yaml
from checkout import ROOT
from stage_of_size import inputs, run, write_inputs

from ventral.core.array_shapes import Shape, shapes
from ventral.geometry.spectrum import LARGE as LARGE_SPECTRUM
from ventral.recordings.kinds.things_fmri import ThingsFmri
from ventral.resources import MINUTES, NEEDS, SNAKEMAKE, memory, runtime
from ventral.size_formulas import LARGE, geometry_megabytes

SIZES = {
    # stage: images, features, units
    "gram": [(400, 100, 0), (800, 6_000, 0), (1_600, 25_000, 0)],
    "geometry": [(300, 400, 0), (1_000, 1_000, 0), (1_600, 1_700, 0), (1_000, 600, 0), (3_000, 250, 0)],
    "predictivity": [(300, 40, 30), (1_200, 1_300, 60), (400, 500, 600), (2_000, 250, 30)],
}


def asked(stage: str, files, attempt: int = 1, threads: int = 1) -> int:
    return memory(stage)(None, input=files, threads=threads, attempt=attempt)


@pytest.mark.parametrize(
    ("stage", "n", "d", "units"), [(stage, *size) for stage, sizes in SIZES.items() for size in sizes]
)
def test_memory_is_what_a_job_uses_or_at_most_twice_as_much(tmp_path, stage, n, d, units):
    write_inputs(tmp_path, n, d, classes=n // 10, units=units)
    if stage != "gram":
        run("gram", tmp_path)
    processor_seconds, _, peak = run(stage, tmp_path)
    files = inputs(stage, tmp_path)
    assert peak <= asked(stage, files) - SNAKEMAKE <= 2 * peak
    assert processor_seconds < 60 * runtime(stage)(None, input=files, attempt=1)


@pytest.mark.parametrize(("n", "d", "projection"), [(400, 20_000, 100), (1_000, 3_000, 500), (500, 2_000, 1_000)])
def test_memory_of_a_projection_is_what_it_uses_or_at_most_twice_as_much(tmp_path, n, d, projection):
    write_inputs(tmp_path, n, d, classes=n // 10)
    processor_seconds, _, peak = run("gram", tmp_path, projection=projection)
    asked = [ask("gram", projection=projection) for ask in (memory, runtime)]
    arguments = {"input": inputs("gram", tmp_path), "attempt": 1}
    assert peak <= asked[0](None, threads=1, **arguments) - SNAKEMAKE <= 2 * peak
    assert processor_seconds < 60 * asked[1](None, **arguments)


@pytest.mark.parametrize(("images", "others", "d"), [(200, 1_500, 2_000), (1_200, 1_200, 3_000), (300, 2_000, 300)])
def test_memory_of_components_is_what_they_use_or_at_most_twice_as_much(tmp_path, images, others, d):
    write_inputs(tmp_path, images, d, classes=5)
    write_inputs(tmp_path / "others", others, d, classes=5)
    _, _, peak = run("components", tmp_path)
    assert peak <= asked("components", inputs("components", tmp_path)) - SNAKEMAKE <= 2 * peak


@pytest.mark.parametrize(("n", "units", "repeats"), [(300, 100, 3), (1_000, 2_000, 12), (3_000, 2_000, 3)])
def test_memory_of_similarity_of_areas_is_what_it_uses_or_at_most_twice_as_much(tmp_path, n, units, repeats):
    write_inputs(tmp_path, n, 20, classes=n // 10, units=units, repeats=repeats)
    _, _, peak = run("similarity", tmp_path)
    assert peak <= asked("similarity", inputs("similarity", tmp_path)) - SNAKEMAKE <= 2 * peak


def test_memory_of_large_layers_includes_the_library_of_their_eigenvalues():
    program = (
        "import importlib, re, numpy; A = numpy.eye(20);"
        "spectrum = importlib.import_module('ventral.geometry.spectrum'); spectrum.LARGE = 10;"
        "peak = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]); before = peak();"
        "spectrum.eigenvalues_of(A); print(1024 * (peak() - before) / 1e6)"
    )
    grown = float(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)
    of_sizes = [geometry_megabytes(Shape(size, size)) for size in (LARGE, LARGE + 1)]
    assert grown <= np.diff(of_sizes) <= 2 * grown
    assert geometry_megabytes(Shape(2 * LARGE, LARGE)) < geometry_megabytes(Shape(2 * LARGE, LARGE + 1)) - grown
    assert LARGE == LARGE_SPECTRUM


def test_later_attempts_ask_for_more(tmp_path):
    write_inputs(tmp_path, 20, 5, classes=2)
    files = inputs("gram", tmp_path)
    assert [asked("gram", files, attempt) for attempt in (1, 2, 3)] == [asked("gram", files) * a for a in (1, 2, 3)]
    assert runtime("gram")(None, input=files, attempt=3) == 3 * (MINUTES + 1)


def test_processes_and_threads_multiply_memory():
    network = memory("training", lambda wildcards: wildcards)
    assert network(8, input=None, threads=1, attempt=1) - SNAKEMAKE == 8 * NEEDS["training"].megabytes(None)
    assert asked("stimuli", [], threads=8) > 4 * asked("stimuli", [], threads=1) - 4 * SNAKEMAKE - 3 * 600


def test_a_file_that_is_still_to_be_made_is_named_for_snakemake(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        asked("gram", [str(tmp_path / "later.h5")])
    assert error.value.filename == str(tmp_path / "later.h5")


def test_a_damaged_file_is_left_to_its_job(tmp_path):
    (tmp_path / "damaged.h5").write_bytes(bytes(8 * 30**2))
    assert shapes(tmp_path / "damaged.h5") == [(30, 30, True, 1)]


def components_of(tmp_path, images: dict, others: dict):
    """Inputs of the stage, with layers of these shapes whose values are not written."""
    for name, layers in {"images": images, "others": others}.items():
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            for layer, shape in layers.items():
                file.create_dataset(layer, shape, "float32", chunks=(64, 512))
    return SimpleNamespace(images=str(tmp_path / "images.h5"), others=str(tmp_path / "others.h5"))


def test_components_decompose_the_other_images_alone(tmp_path):
    many, few = (22_248, 25_088), (2_000, 25_088)
    of_many, of_few = (
        runtime("components")(None, input=components_of(tmp_path, {"layer": images}, {"layer": few}), attempt=1)
        for images in (many, few)
    )
    gram = runtime("gram")(None, input=[str(tmp_path / "images.h5")], attempt=1)
    assert of_few < of_many < 80  # minutes; a decomposition of all images would take 19 hours
    assert of_few >= gram


@pytest.mark.parametrize("damaged", ["images", "others"])
def test_a_damaged_file_of_components_is_left_to_its_job(tmp_path, damaged):
    layers = {"first": (300, 2_000), "last": (300, 1_000)}
    files = components_of(tmp_path, layers, layers)
    whole = asked("components", files)
    (tmp_path / f"{damaged}.h5").write_bytes(bytes(8 * 30**2))
    assert SNAKEMAKE < asked("components", files) <= whole
    assert runtime("components")(None, input=files, attempt=1) > MINUTES


def test_shapes_of_each_kind_of_file(tmp_path):
    write_inputs(tmp_path, 30, 20, classes=3, units=7, repeats=4)
    run("gram", tmp_path)
    of = {name: shapes(tmp_path / f"{name}.h5") for name in ("activations", "gram", "recording", "stimuli")}
    expected = {"activations": (30, 20, False, 1), "gram": (30, 20, False, 1), "recording": (7, 30, False, 4)}
    assert of == {name: [shape] for name, shape in (expected | {"stimuli": (30, 48, False, 1)}).items()}


def test_several_layers_need_the_memory_of_the_largest_and_the_time_of_all(tmp_path):
    for name, layers in {"layers": (10, 3_000_000), "large": (3_000_000,)}.items():
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            for d in layers:
                file.create_dataset(f"of_{d}", (2_000, d), "float32", chunks=(64, 10))
    both, one = [str(tmp_path / "layers.h5")], [str(tmp_path / "large.h5")]
    assert asked("gram", both) == asked("gram", one)
    assert runtime("gram")(None, input=[*both, *one], attempt=1) > 1.7 * runtime("gram")(None, input=one, attempt=1)


@pytest.mark.parametrize(("voxels", "least", "most"), [(3_000, 3_600, 3_600), (10_000, 5_800, 6_500)])
def test_a_large_recording_asks_for_the_memory_of_its_responses_and_trials(voxels, least, most, monkeypatch):
    monkeypatch.setattr(ThingsFmri, "shape", lambda self: (voxels, 8_740, 12))
    of_recording = memory(
        "recordings", made=lambda name: {"kind": "things_fmri", "folder": ".", "pictures": "."} | name
    )
    wildcards = SimpleNamespace(recording={"subject": 1})
    asked_for = of_recording(wildcards, input=SimpleNamespace(file=[]), threads=1, attempt=1) - SNAKEMAKE
    assert least <= asked_for <= most


def test_several_files_of_a_recording_ask_for_all_of_them(tmp_path):
    for i in range(20):
        with open(tmp_path / str(i), "wb") as file:
            file.truncate(32_000_000)
    files = SimpleNamespace(file=[str(path) for path in tmp_path.iterdir()])
    one = asked("recordings", SimpleNamespace(file=files.file[0]))
    assert (one, asked("recordings", files) - one) == (3600 + 4 * 32 + SNAKEMAKE, 19 * 2 * 32)


@pytest.mark.parametrize("profile", ["slurm", "generic"])
def test_rules_of_the_tables_of_all_layers_share_a_submission(profile):
    groups = yaml.safe_load((ROOT / "profiles" / profile / "config.yaml").read_text())["groups"]
    rules = "".join(
        (ROOT / "workflow" / "rules" / f"{stage}.smk").read_text() for stage in ("summary", "figures", "report")
    )
    named = re.findall(r"^rule (\w+):", rules, re.MULTILINE)
    assert {*groups} >= {f"{name}=end" for name in [*named, "summarize_accuracy"]} and "paired" in named


def test_every_rule_asks_by_a_formula():
    rules = "".join(path.read_text() for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    for resource in ("mem_mb", "runtime"):
        assert len(re.findall(rf"^ +{resource}=", rules, re.MULTILINE)) == rules.count("    log:\n")
        assert not re.search(rf"^ +{resource}=(?!memory|runtime)", rules, re.MULTILINE)
    named = set(re.findall(r'(?:memory|runtime)\(\s*"(\w+)"', rules)) | {"predictivity", "behavior", "distances"}
    assert named == {*NEEDS}
