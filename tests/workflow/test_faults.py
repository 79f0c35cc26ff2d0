"""A configuration with faults: all of them as sentences, before any job, without a traceback."""

import pytest

FAULTY = """
devise: cpu
seed: zero
stimuli:
  scenes: {kind: scenes, base_scenes: 5, levels: 3, parameters: [pse], size: 64}
  photographs: {kind: images, folder: empty}
models:
  squeezenet: {source: torchvision, architecture: squeezenet1_1, layers: [features.99]}
  pixels: {source: python, factory: "ventral.models.baselines:pixels", layers: [pixel]}
  pixels: {source: python, factory: "ventral.models.baselines:pixels", layers: [pixels]}
recordings:
  simulated: {kind: simulated, stimuli: naturalistc}
  monkey: {kind: macaque_v5, session: 210325}
"""

DARK = """
def make():
    def respond(images):
        raise ValueError("the lights are out")

    respond.layers = ["retina"]
    return respond
"""


def test_every_fault_is_listed_before_any_job(fresh):
    (fresh.folder / "empty").mkdir()
    (fresh.folder / "config.yaml").write_text(FAULTY)
    printed = fresh.run(status=1)
    for sentence in (
        "devise: unknown key (did you mean 'device'?).",
        "seed: must be a whole number, not 'zero'.",
        "stimuli.scenes.parameters.0: 'pse' is not one of",
        "stimuli.photographs.folder: ",
        "models.squeezenet.layers: 'features.99'",
        "models.pixels: written twice in",
        "recordings.simulated.stimuli: there is no stimulus set 'naturalistc'",
        "recordings.monkey.kind: 'macaque_v5' is not one of",
    ):
        assert sentence in printed, f"{sentence!r} is not in:\n{printed}"
    assert "(did you mean 'macaque_v4'?)" in printed
    assert "8 faults; nothing was run." in printed
    assert "Traceback" not in printed
    assert not (fresh.folder / "results").exists()


def test_a_layer_that_the_preset_lacks_is_offered_its_nearest_names(fresh):
    fresh.configure(lambda config: config["models"]["squeezenet"].update(layers=["features.12.squeze"]))
    printed = fresh.run(status=1)
    assert "models.squeezenet.layers: 'features.12.squeze'" in printed
    assert "features.12.squeeze" in printed.replace("'features.12.squeze'", "")


def test_yaml_that_cannot_be_read_is_a_sentence(fresh):
    (fresh.folder / "config.yaml").write_text("models: [unclosed\n")
    assert "Traceback" not in fresh.run(status=1)


def test_weights_that_cannot_be_read_are_named_before_any_job(fresh):
    (fresh.folder / "damaged.pth").write_text("no weights")
    entry = {"source": "checkpoint", "architecture": "alexnet", "file": "damaged.pth"}
    fresh.configure(lambda config: config["models"].update(broken=entry))
    assert "damaged.pth" in fresh.run(status=1)
    assert not (fresh.folder / "results").exists()


def test_a_job_that_fails_says_why_and_the_others_go_on(fresh):
    (fresh.folder / "dark.py").write_text(DARK)
    entry = {"source": "python", "factory": "dark.py:make", "layers": ["retina"]}
    fresh.configure(lambda config: config["models"].update(broken=entry))
    targets = [f"results/geometry/scenes/{layer}.csv" for layer in ("broken/retina", "pixels/pixels")]
    printed = fresh.run(*targets, status=1)
    assert "the lights are out" in printed
    assert [(fresh.folder / target).exists() for target in targets] == [False, True]


@pytest.mark.parametrize("option", [(), ("--configfile", "study.yaml")])
@pytest.mark.parametrize(
    ("content", "line"),
    [(b"models:\n\ta: {source: timm}\n", ", line 2"), (b"title: caf\xe9\n", ", line 1"), (b"", ""), (b"- a\n", "")],
)
def test_a_file_that_cannot_be_read_is_one_sentence(fresh, option, content, line):
    (fresh.folder / (option[-1] if option else "config.yaml")).write_bytes(content)
    printed = fresh.run("--dry-run", *option, status=1).strip().splitlines()
    name = option[-1] if option else "config.yaml"
    said = [text for text in printed if not text.startswith("Using workflow specific profile")]
    assert len(said) == 1 and said[0].startswith(f"{name}{line}")
