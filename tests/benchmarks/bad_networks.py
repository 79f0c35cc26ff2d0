"""Bad files of weights, factories and entries, each given to the functions that build and run a model."""

import io
import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from bad_contents import PAGE, POINTER

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)


def run(spec: dict, layers: list[str] | str) -> Callable:
    """A call that finds the layers of a model, as before any job, and extracts responses to three images in ./out."""
    from ventral.core.errors import Fault
    from ventral.models import extract, load_model
    from ventral.models.layer_choice import resolve_layers

    def find_and_extract() -> None:
        try:
            resolve_layers(spec | {"layers": layers})
        except Fault as fault:  # the configuration says whose layers these are
            raise Fault(f"models.bad: {fault}") from fault
        extract(load_model(spec, "bad"), IMAGES, layers, "out/bad.h5")

    return find_and_extract


def sound() -> dict:
    import torch
    from torchvision.models import squeezenet1_1

    torch.manual_seed(0)
    return squeezenet1_1().state_dict()


def saved(content: object) -> bytes:
    import torch

    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def weights(folder: Path, content: Callable[[], bytes], name: str = "bad.pth", **keys) -> Callable:
    """A call that runs SqueezeNet with these bytes as its file of weights."""
    (folder / name).write_bytes(content())
    spec = {"source": "checkpoint", "architecture": "squeezenet1_1", "file": name}
    return run(spec | keys, ["features.3"])


class Call:
    """A value whose pickle would make the file out/run."""

    def __reduce__(self):
        return os.system, ("touch out/run",)


def altered(change: Callable[[dict], dict]) -> Callable[[], bytes]:
    return lambda: saved(change(sound()))


def factory(folder: Path, code: str, layers: list[str] | None = None, **keys) -> Callable:
    """A call that runs the model that the function `make` of this code returns."""
    (folder / "mine.py").write_text(code)
    spec = {"source": "python", "factory": f"{folder.absolute()}/mine.py:make"}
    return run(spec | keys, layers or ["a"])


WEIGHTS = {
    "empty": lambda: b"",
    "text": lambda: b"no weights",
    "a web page": lambda: PAGE,
    "a Git LFS pointer": lambda: POINTER,
    "cut": lambda: saved(sound())[:100_000],
    "without its end": lambda: saved(sound())[:-100],
    "code": lambda: saved({"state_dict": Call()}),
    "code in an old pickle": lambda: pickle.dumps(Call(), protocol=2),
    "a number": lambda: saved(3),
    "a list": lambda: saved([1, 2]),
    "no tensors": lambda: saved({"a": 1}),
    "nothing": lambda: saved({}),
    "names of another network": lambda: saved({"conv.weight": next(iter(sound().values()))}),
    "a missing tensor": altered(lambda state: dict(list(state.items())[1:])),
    "another shape": altered(lambda state: state | {"features.0.weight": state["features.0.weight"][:5]}),
    "no number": altered(lambda state: state | {"features.0.bias": state["features.0.bias"] * float("nan")}),
    "an infinite number": altered(lambda state: state | {"features.0.bias": state["features.0.bias"] + float("inf")}),
    "a prefix": altered(lambda state: {f"module.encoder.{key}": value for key, value in state.items()}),
    "a safetensors file that is cut": lambda: b"\x10\0\0\0\0\0\0\0{}",
}
ARRAYS = "import numpy as np\n"
CALLABLE = "def make():\n    def respond(images):\n        {}\n    respond.layers = {}\n    return respond\n"
FACTORIES = {
    "no function": ("x = 1\n", "make"),
    "no function but a number": ("make = 3\n", "make"),
    "a syntax error": ("def make(:\n", "mine.py"),
    "an import that fails": ("import no_such_module\ndef make(): pass\n", "no_such_module"),
    "an error at its top": ("raise RuntimeError('broken here')\n", "broken here"),
    "an error when it is called": ("def make(): raise RuntimeError('broken here')\n", "broken here"),
    "an error of a key when it is called": ("def make(): return {}['weights']\n", "weights"),
    "arguments that it lacks": ("def make(a, b): pass\n", "mine.py"),
    "nothing": ("def make(): pass\n", "bad"),
    "a number instead of a network": ("def make(): return 3\n", "bad"),
    "a function without layers": ("def make(): return lambda images: {}\n", "layers"),
    "layers that are a number": (CALLABLE.format("return {}", "3"), "bad"),
    "no layer": (CALLABLE.format("return {}", "[]"), "bad"),
    "a layer without responses": (CALLABLE.format("return {}", "['a']"), "bad"),
    "responses of another number": (ARRAYS + CALLABLE.format("return {'a': np.ones((1, 4))}", "['a']"), "bad"),
    "responses that are texts": (CALLABLE.format("return {'a': [['x']] * len(images)}", "['a']"), "bad"),
    "responses that are no numbers": (
        ARRAYS + CALLABLE.format("return {'a': np.full((len(images), 4), np.nan)}", "['a']"),
        "bad",
    ),
    "responses that are infinite": (
        ARRAYS + CALLABLE.format("return {'a': np.full((len(images), 4), np.inf)}", "['a']"),
        "bad",
    ),
    "no units": (ARRAYS + CALLABLE.format("return {'a': np.ones((len(images), 0))}", "['a']"), "bad"),
    "nothing for images": (CALLABLE.format("return None", "['a']"), "bad"),
    "an error on images": (CALLABLE.format("raise RuntimeError('broken here')", "['a']"), "broken here"),
    "a network that fails": (
        "import torch\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.a = torch.nn.Identity()\n    def forward(self, x): raise RuntimeError('broken here')\n"
        "make = Net\n",
        "broken here",
    ),
    "a network without the layer": ("import torch\ndef make(): return torch.nn.Sequential(torch.nn.Flatten())\n", "a"),
    "a network that gives no tensor": (
        "import torch\nclass Inner(torch.nn.Module):\n    def forward(self, x): return 'text'\n"
        "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = Inner()\n"
        "    def forward(self, x):\n        self.a(x)\n        return x\nmake = Net\n",
        "a",
    ),
    "a network with no numbers": (
        "import torch\nclass Inner(torch.nn.Module):\n    def forward(self, x): return x * float('nan')\n"
        "class Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = Inner()\n"
        "    def forward(self, x): return self.a(x)\nmake = Net\n",
        "bad",
    ),
}
SPECS = {
    "an unknown source": ({"source": "keras", "architecture": "a"}, "keras"),
    "an unknown architecture": ({"source": "torchvision", "architecture": "resnet19"}, "resnet19"),
    "unknown weights": ({"source": "torchvision", "architecture": "alexnet", "weights": "IMAGENET"}, "IMAGENET"),
    "an unknown argument": ({"source": "torchvision", "architecture": "alexnet", "arguments": {"depth": 3}}, "depth"),
    "an unknown network of timm": ({"source": "timm", "architecture": "resnet19"}, "resnet19"),
    "no module": ({"source": "python", "factory": "no_such_module:make"}, "no_such_module"),
    "no file": ({"source": "python", "factory": "no_such_file.py:make"}, "no_such_file.py"),
    "no weights": ({"source": "checkpoint", "architecture": "alexnet", "file": "absent.pth"}, "absent.pth"),
    "no repository": ({"source": "torchhub", "repository": "no_such_folder", "architecture": "a"}, "no_such_folder"),
}


def bad_networks() -> dict[str, tuple[Callable, str]]:
    """For each case, a function that prepares it in a folder and returns the call that must fail, and what is named."""
    cases = {}
    for what, content in WEIGHTS.items():
        name = "bad.safetensors" if "safetensors" in what else "bad.pth"
        named = "bad" if "number" in what else name
        cases[f"weights: {what}"] = (partial(weights, content=content, name=name), named)
    keys = {
        "another checksum": ({"sha256": "0" * 64}, "bad.pth"),
        "a key that is not there": ({"state_dict": "model"}, "model"),
        "a prefix that no name has": ({"key_prefix": "module."}, "bad.pth"),
        "a layer that it lacks": ({"architecture": "alexnet"}, "bad.pth"),
    }
    for what, (changed, named) in keys.items():
        cases[f"weights: {what}"] = (partial(weights, content=lambda: saved(sound()), **changed), named)
    for what, (code, named) in FACTORIES.items():
        cases[f"factory: {what}"] = (partial(factory, code=code), named)
    for what, (spec, named) in SPECS.items():
        cases[f"model: {what}"] = (lambda folder, spec=spec: run(spec, "auto"), named)
    return cases
