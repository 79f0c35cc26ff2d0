"""The command `ventral layers`: layers of every model of a study, with their shapes."""

import os
import subprocess
import sys

import pytest
from small_network import FACTORY

from ventral.__main__ import main


def test_the_command_says_which_size_its_shapes_are_of(capsys, tmp_path):
    main(["layers", "timm:vit_tiny_patch16_224", "--size", "100", "--config", str(no_config(tmp_path))])
    said = capsys.readouterr()
    assert "196 × 192" in said.out and "images of 100 pixels" in said.err and "of 224" in said.err


def no_config(folder):
    (folder / "config.yaml").write_text("models: {}\n")
    return folder / "config.yaml"


def test_the_command_prints_names_shapes_and_stars(capsys, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("models: {small: {source: torchvision, architecture: squeezenet1_1}}")
    main(["layers", "small", "--config", str(config), "--size", "64"])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["*", "features.3", "128", "×", "15", "×", "15"] for line in lines)
    with pytest.raises(SystemExit, match="no architecture 'resnet81'"):
        main(["layers", "resnet81", "--config", str(config)])


STUDY = """
models:
  squeezenet1_1: {source: torchvision, weights: IMAGENET1K_V1}
  test_vit: {source: timm}
  old: {source: checkpoint, architecture: "timm:test_vit", file: nowhere.pth}
  mine: {source: python, factory: "mine_of_the_test:network"}
  gabor: {source: python, factory: "ventral.models.baselines:gabor_energy"}
networks:
  sweep: {objective: mmcr, lambda: [0, 0.5], seeds: [0], architecture: squeezenet1_1, data: {stimuli: a}, size: 64}
"""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("squeezenet1_1", "features.3 128 × 55 × 55"),
        ("test_vit", "blocks.0 197 × 64"),
        ("old", "blocks.0 197 × 64"),
        ("mine", "0 4 × 222 × 222"),
        ("gabor", "energy"),
        ("sweep", "features.3 128 × 15 × 15"),
        ("sweep_lambda0.5_seed0", "features.3 128 × 15 × 15"),
        ("timm:test_vit", "blocks.0 197 × 64"),
        ("mine_of_the_test.py:network", "0 4 × 222 × 222"),
    ],
)
def test_the_command_knows_every_model_of_the_config(name, line, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(STUDY)
    (tmp_path / "mine_of_the_test.py").write_text(FACTORY)
    monkeypatch.delitem(sys.modules, "mine_of_the_test", raising=False)
    main(["layers", name])
    printed = [" ".join(line.replace("*", "").split()) for line in capsys.readouterr().out.splitlines()]
    assert any(one.startswith(line) for one in printed), printed


def test_the_command_refuses_no_size_and_no_file(capsys, tmp_path):
    for size in ("0", "-5", "1.5", "big"):
        with pytest.raises(SystemExit):
            main(["layers", "squeezenet1_1", "--size", size])
        assert "is not a number of pixels" in capsys.readouterr().err or size == "-5"
    with pytest.raises(SystemExit, match="does not exist"):
        main(["layers", "squeezenet1_1", "--config", str(tmp_path / "absent.yaml")])


def test_the_command_ends_quietly_in_a_closed_pipe(tmp_path):
    program = "import sys; from ventral.__main__ import main; main(['layers', 'squeezenet1_1', '--size', '64'])"
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=writer, stderr=subprocess.PIPE, cwd=tmp_path)
    os.close(writer)
    assert process.communicate()[1] == b"" and process.returncode == 0


def test_the_command_names_a_full_disk_in_one_sentence(tmp_path):
    program = "import sys; from ventral.__main__ import main; main(['layers', 'squeezenet1_1', '--size', '64'])"
    with open("/dev/full", "w") as full:
        process = subprocess.run([sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, cwd=tmp_path)
    said = process.stderr.decode()
    assert process.returncode == 1 and "No space left" in said and len(said.splitlines()) == 1
