"""Weights: files fit the network, or what does not fit, is damaged or could run code is named."""

import hashlib

import pytest
import torch
from small_network import SQUEEZE, weights

from ventral.core.errors import Fault
from ventral.models import load_model
from ventral.models.weights import unfitting_weights


@pytest.mark.parametrize("wrapped", [lambda w: w, lambda w: {"state_dict": w, "epoch": 3}])
def test_a_checkpoint_is_loaded(checkpoint, wrapped):
    model = load_model(checkpoint(wrapped(weights())))
    assert torch.equal(model.network[0].weight, weights()["0.weight"])


def test_prefixes_are_stripped_or_replaced_and_other_keys_left_out(checkpoint):
    wrapped = {f"module.{key}": value for key, value in weights().items()} | {"queue": torch.zeros(3)}
    model = load_model(checkpoint({"model": wrapped}, state_dict="model", key_prefix="module."))
    assert torch.equal(model.network[0].bias, weights()["0.bias"])

    encoder = {key.replace("0.", "encoder.stem."): value for key, value in weights().items()}
    model = load_model(checkpoint(encoder, key_prefix={"encoder.stem.": "0."}))
    assert torch.equal(model.network[0].bias, weights()["0.bias"])


def test_a_forgotten_prefix_is_proposed(checkpoint):
    spec = checkpoint({f"module.{key}": value for key, value in weights().items()})
    with pytest.raises(Fault, match=r"lacks 0.weight, 0.bias; it holds module.0.weight.*set `key_prefix: 'module.'`"):
        load_model(spec, "moco")


def test_a_size_mismatch_is_named_and_can_be_ignored(checkpoint, caplog):
    spec = checkpoint(weights() | {"0.weight": torch.zeros(8, 3, 3, 3), "fc.bias": torch.zeros(2)})
    with pytest.raises(Fault, match=r"0.weight is 8×3×3×3 in the file and 4×3×3×3 in the network"):
        load_model(spec)
    model = load_model(spec | {"ignore": ["0.weight", "fc.*"]}, "moco")
    assert torch.equal(model.network[0].bias, weights()["0.bias"])
    assert "moco: 0.weight " in caplog.text


def test_the_key_of_the_tensors_must_exist(checkpoint):
    with pytest.raises(Fault, match="has no key 'ema' but model, epoch"):
        load_model(checkpoint({"model": weights(), "epoch": 1}, state_dict="ema"))
    with pytest.raises(Fault, match=r"holds model, epoch and no mapping of tensors.*set `state_dict`"):
        load_model(checkpoint({"model": weights(), "epoch": 1}))


@pytest.mark.parametrize(
    ("key", "change", "problem"),
    [
        ("0.bias", lambda tensor: tensor.to("meta"), "holds 0.bias without values"),
        ("0.bias", lambda tensor: tensor.to_sparse(), "holds 0.bias as a sparse tensor"),
        (3, lambda tensor: tensor, "holds a tensor under 3, which names no"),
    ],
)
def test_tensors_that_cannot_be_loaded_are_named(checkpoint, key, change, problem):
    with pytest.raises(Fault, match=problem):
        load_model(checkpoint(weights() | {key: change(weights()["0.bias"])}, ignore=["fc.*"]))


def test_an_empty_file_of_weights_is_named_with_a_reason(checkpoint, tmp_path):
    spec = checkpoint(weights())
    (tmp_path / "weights.pth").write_bytes(b"")
    with pytest.raises(Fault, match=r"not a torch checkpoint \([^)]+\)\.$"):
        load_model(spec)


class Harmless:
    """Something that only code can rebuild."""


def test_code_in_a_checkpoint_is_not_run(checkpoint):
    with pytest.raises(Fault, match=r"run code"):
        load_model(checkpoint({"state_dict": weights(), "arguments": Harmless()}))


def test_a_damaged_or_missing_checkpoint_is_named(checkpoint, tmp_path):
    spec = checkpoint(weights())
    whole = (tmp_path / "weights.pth").read_bytes()
    (tmp_path / "weights.pth").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Fault, match=r"weights.pth, the weights of model moco, is damaged"):
        load_model(spec, "moco")
    with pytest.raises(Fault, match="does not exist"):
        load_model(spec | {"file": str(tmp_path / "other.pth")})


@pytest.mark.parametrize("flipped", ["weights", "names"])
def test_a_flipped_bit_of_a_checkpoint_is_named_and_the_users_file_left_alone(checkpoint, tmp_path, flipped):
    spec, path = checkpoint(weights()), tmp_path / "weights.pth"
    content = bytearray(path.read_bytes())
    flipped_bytes = {"weights": weights()["0.weight"].numpy().tobytes(), "names": b"0.weight"}[flipped]
    content[content.find(flipped_bytes) + 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Fault, match=r"weights.pth, the weights of model moco, is damaged") as told:
        load_model(spec, "moco")
    assert "elete" not in str(told.value) and path.exists()


def test_only_a_fetched_checkpoint_of_another_sha256_is_to_be_deleted(checkpoint, tmp_path, monkeypatch):
    spec = checkpoint(weights(), sha256="0123")
    with pytest.raises(Fault, match=r"SHA-256 .* 0123") as told:
        load_model(spec)
    assert "elete" not in str(told.value)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    with pytest.raises(
        Fault, match="Ventral downloaded this file: delete it, so that it is downloaded again, or correct `sha256`"
    ):
        load_model(spec)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_torchscript_file_is_named_and_so_is_what_to_do(tmp_path, checkpoint):
    spec = checkpoint(weights())
    torch.jit.script(torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3))).save(spec["file"])
    with pytest.raises(Fault, match=r"is a TorchScript file.*torch.jit.load\('.*weights.pth'\).state_dict"):
        load_model(spec)


def test_half_precision_weights_fill_a_network(checkpoint):
    model = load_model(checkpoint({key: value.half() for key, value in weights().items()}))
    assert torch.equal(model.network[0].weight, weights()["0.weight"].half().float())


def test_a_checksum_is_verified(checkpoint, tmp_path):
    spec = checkpoint(weights())
    digest = hashlib.sha256((tmp_path / "weights.pth").read_bytes()).hexdigest()
    load_model(spec | {"sha256": digest[:12]})
    with pytest.raises(Fault, match=f"its SHA-256 is {digest} and the config says 0123"):
        load_model(spec | {"sha256": "0123"})


def test_weights_that_are_no_real_numbers_are_refused(checkpoint):
    quantized = {key: (100 * value).to(torch.int8) for key, value in weights().items()}
    with pytest.raises(Fault, match=r"0.weight holds int8.*quantized"):
        load_model(checkpoint(quantized))
    halved = {key: value.half() for key, value in weights().items()}
    assert next(load_model(checkpoint(halved)).network.parameters()).dtype == torch.float32


@pytest.mark.parametrize("content", [b"", b"\x10\0\0\0\0\0\0\0{}", b"\x80\x04.", b"PK\x03\x04", bytes(range(256))])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".bin"])
def test_files_of_weights_with_any_content_are_named(content, suffix, tmp_path):
    (tmp_path / f"bad{suffix}").write_bytes(content)
    spec = {"source": "checkpoint", "architecture": "squeezenet1_1", "file": str(tmp_path / f"bad{suffix}")}
    with pytest.raises(Fault, match=rf"bad{suffix}"):
        load_model(spec, "mine")


def found_wrong(spec, tmp_path, here=True):
    """What is said about the weights of an entry; asked twice, since what is right is remembered."""
    problems = [list(unfitting_weights({"mine": spec}, here, tmp_path / "weights")) for _ in range(2)]
    assert problems[0] == problems[1]
    return " ".join(problem for _, problem in problems[0])


def test_weights_that_do_not_fit_are_found_before_any_job(checkpoint, tmp_path):
    spec = checkpoint(weights())
    assert found_wrong(spec, tmp_path) == ""
    torch.save(weights(channels=6), spec["file"])
    found = found_wrong(spec, tmp_path)
    assert "0.weight " in found and "6×3×3×3" in found and "4×3×3×3" in found
    assert found_wrong(spec, tmp_path, here=False) == ""
    assert "its SHA-256 is" in found_wrong(spec | {"sha256": "0" * 64}, tmp_path)
    (tmp_path / "weights.pth").write_bytes(b"")
    assert "weights.pth" in found_wrong(spec, tmp_path)


def test_names_of_weights_and_arguments_are_checked_before_any_job(tmp_path):
    vit, mnasnet = {"source": "timm", "weights": "DEFAULT"}, {"source": "torchvision", "architecture": "mnasnet0_5"}
    entries = {
        "no weights 'IMAGENET1K_V7'": mnasnet | {"weights": "IMAGENET1K_V7"},
        "no weights 'r999' of test_vit": vit | {"architecture": "test_vit.r999"},
        "classifier.1.weight": SQUEEZE | {"weights": "DEFAULT", "arguments": {"num_classes": 7}},
        "dropuot": SQUEEZE | {"weights": "DEFAULT", "arguments": {"dropuot": 0.1}},
    }
    sound = {
        "a": mnasnet | {"weights": "IMAGENET1K_V1"},
        "b": vit | {"architecture": "test_vit"},
        "c": SQUEEZE | {"weights": "DEFAULT", "arguments": {"dropout": 0.1}},
    }
    for _ in range(2):
        said = dict(unfitting_weights(entries | sound, False, tmp_path))
        assert set(said) == set(entries) and all(key in sentence for key, sentence in said.items())
