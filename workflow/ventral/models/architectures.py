"""Builds networks by the name of their architecture, with random weights that depend on a seed only."""

import contextlib
import hashlib
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ventral.core.errors import Fault, said
from ventral.core.names import did_you_mean

if TYPE_CHECKING:
    import torch

Made = TypeVar("Made")
SLOW_START = {"googlenet": {"init_weights": True}, "inception_v3": {"init_weights": True}}


def construct(spec: dict, name: str | None = None, **keywords: object) -> "torch.nn.Module":
    """Build a network with random weights that depend on `seed` (default 0) only.

    Parameters
    ----------
    spec : dict
        `architecture` is a name of torchvision, ``timm:name``, or the user's own ``package.module:function`` or
        ``path/file.py:function``; `arguments` are passed to it.
    name : str, optional
        The model, for messages; default: its architecture.
    **keywords
        Further arguments.

    Raises
    ------
    Fault
        There is no such architecture, or it does not accept the arguments.
    """
    architecture, arguments = spec["architecture"], spec.get("arguments", {})
    name = name or architecture
    if architecture.startswith("timm:"):
        build = timm_builder(architecture.removeprefix("timm:"), name)
    elif ":" in architecture:
        build = imported(architecture, name)
    else:
        build = torchvision_builder(architecture, name)
        arguments = SLOW_START.get(architecture, {}) | arguments
    try:
        return seeded(lambda: build(**arguments, **keywords), spec)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, AssertionError, RuntimeError) as error:
        if keywords and isinstance(error, RuntimeError):  # perhaps from a download
            raise
        raise Fault(
            f"Model {name}: {architecture} cannot be built with `arguments` {arguments} "
            f"({type(error).__name__}: {error})."
        ) from error


def headless(network: "torch.nn.Module") -> "torch.nn.Module":
    """The network without its classifier, so that it gives the features that the classifier would get.

    Networks of timm are reset; in others the last linear layer or convolution of `fc`, `classifier`, `head` or
    `heads` becomes the identity. Networks with none of these are unchanged. Modules keep their names.
    """
    import torch

    if hasattr(network, "reset_classifier"):
        network.reset_classifier(0)
        return network
    for head in ("fc", "classifier", "head", "heads"):
        inside = {name: part for name, part in network.named_modules() if name == head or name.startswith(f"{head}.")}
        classifiers = [name for name, part in inside.items() if isinstance(part, torch.nn.Linear | torch.nn.Conv2d)]
        if classifiers:
            network.set_submodule(classifiers[-1], torch.nn.Identity())
            break
    return network


def is_of_a_library(architecture: str) -> bool:
    """Whether an architecture is torchvision's or timm's, whose networks accept channels last."""
    return architecture.startswith("timm:") or ":" not in architecture


def torchvision_models() -> types.ModuleType:
    """`torchvision.models`, imported without torch's compiler, which torchvision needs for detection only.

    Importing the compiler takes more than a second in each job. `torchvision.ops.roi_align` calls one of its functions;
    a stand-in imports the compiler when that happens.
    """
    import torch  # noqa: F401

    compiler = "torch._dynamo.utils"
    if compiler in sys.modules or "torchvision" in sys.modules:
        return importlib.import_module("torchvision.models")

    def is_compile_supported(device_type: str) -> bool:
        return importlib.import_module(compiler).is_compile_supported(device_type)

    stand_in = types.ModuleType(compiler)
    stand_in.is_compile_supported = is_compile_supported
    sys.modules[compiler] = stand_in
    try:
        return importlib.import_module("torchvision.models")
    finally:
        del sys.modules[compiler]


def torchvision_builder(architecture: str, name: str) -> Callable:
    """torchvision's function that builds a network for images; a Fault if there is none."""
    models = torchvision_models()
    known = models.list_models(module=models)
    if architecture not in known and architecture in models.list_models():
        raise Fault(
            f"Model {name}: torchvision's {architecture} classifies no images (it detects, segments, or takes videos). "
            f"Use `source: python` with a function that returns the part that takes images, such as its backbone."
        )
    if architecture not in known:
        raise Fault(
            f"Model {name}: torchvision has no architecture {architecture!r}{did_you_mean(architecture, known)}."
        )
    return models.get_model_builder(architecture)


def timm_package() -> types.ModuleType:
    """`timm`, imported without torch's compiler, which timm needs only to exempt some functions from it.

    Marking these functions imports the compiler, which takes more than a second in each job. Nothing is compiled here,
    so they stay unmarked.
    """
    torchvision_models()  # timm imports it
    compiler = importlib.import_module("torch.compiler")
    marked = compiler.disable
    compiler.disable = lambda function=None, *_, **__: (lambda unmarked: unmarked) if function is None else function
    try:
        return importlib.import_module("timm")
    finally:
        compiler.disable = marked


def timm_builder(architecture: str, name: str) -> Callable:
    """A function that builds a network of timm; a Fault if timm has no such architecture, or no weights of its tag."""
    try:
        timm = timm_package()
    except ImportError as error:
        raise Fault(f"Model {name} needs the package timm; install it.") from error
    if not timm.is_model(architecture):
        question = did_you_mean(architecture, timm.list_models())
        raise Fault(f"Model {name}: timm has no architecture {architecture!r}{question}.")
    base, _, tag = architecture.partition(".")
    published = timm.list_pretrained(f"{base}.*")
    if tag and architecture not in published:
        raise Fault(
            f"Model {name}: timm has no weights {tag!r} of {base}{did_you_mean(architecture, published, 3)}; it has "
            f"{', '.join(one.partition('.')[2] for one in published) or 'none'}."
        )
    return lambda **arguments: timm.create_model(architecture, **arguments)


def imported(factory: str, name: str) -> Callable:
    """The function that `package.module:function` or `path/file.py:function` names."""
    place, _, function = factory.rpartition(":")
    try:
        module = _module_from(Path(place)) if place.endswith(".py") else importlib.import_module(place)
        found = getattr(module, function)
    except (Exception, SystemExit) as error:  # the user's code runs here and may raise any error
        raise Fault(
            f"Model {name}: {factory!r} cannot be imported ({said(error)}); write package.module:function, or "
            f"path/to/file.py:function."
        ) from error
    if not callable(found):
        raise Fault(
            f"Model {name}: {factory!r} is not a function but {found!r}; name the function that makes the network."
        )
    return found


def _module_from(path: Path) -> types.ModuleType:
    """Import a file as a module and register it, because classes look up their module by name."""
    name = f"{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def seeded(build: Callable[[], Made], spec: dict) -> Made:
    """The result of a function when torch's generator on the CPU is seeded with the `seed` of an entry (default 0)."""
    with _random(spec.get("seed", 0)):
        return build()


@contextlib.contextmanager
def _random(seed: int) -> Iterator[None]:
    """Seed torch on the CPU, where networks are built, and restore its state afterward."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(seed)
        yield
