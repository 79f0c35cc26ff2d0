"""The classes of a classifier's outputs, and the output that belongs to each label of a set of images.

`imagenet1k` stands for the 1,000 classes of ImageNet in the order that networks of torchvision and timm have: sorted by
WordNet synset id. Any other text is the path of a file with the name of one class per line, in the order of the
outputs. Light to import, because configurations are checked with it.
"""

import functools
import importlib.util
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ventral.core.errors import Fault
from ventral.core.names import did_you_mean, listed

IMAGENET = "imagenet1k"
MOST = 5  # labels that a sentence names


def class_names(classes: str) -> list[tuple[str, ...]]:
    """The names of each class, in the order of the outputs.

    Parameters
    ----------
    classes : str
        "imagenet1k", or the path of a text file with one class per line.

    Returns
    -------
    list of tuples of str
        A class of ImageNet has two names, its synset id and the first of its WordNet lemmas.

    Raises
    ------
    Fault
        The file cannot be read, has fewer than two classes, an empty line, or names a class twice.
    """
    if classes == IMAGENET:
        return imagenet()
    try:
        lines = [line.strip() for line in Path(classes).read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"The file of class names {classes} cannot be read ({error}); correct its path.") from error
    if "" in lines:
        raise Fault(f"{classes}: line {lines.index('') + 1} is empty; each line names the class of one output.")
    if len(lines) < 2:
        raise Fault(f"{classes} names {len(lines)} classes; a classifier tells two or more apart.")
    if twice := sorted(name for name, count in Counter(lines).items() if count > 1):
        raise Fault(f"{classes} names {listed(twice, MOST)} twice; each line names the class of one output.")
    return [(line,) for line in lines]


@functools.cache
def imagenet() -> list[tuple[str, ...]]:
    """Synset id and first lemma of the 1,000 classes, from the lists that timm brings; timm itself is not imported."""
    lists = Path(importlib.util.find_spec("timm").origin).parent / "data" / "_info"
    lemmas = dict(line.split("\t") for line in (lists / "imagenet_synset_to_lemma.txt").read_text().splitlines())
    synsets = (lists / "imagenet_synsets.txt").read_text().split()
    return [(synset, lemmas[synset].split(", ")[0]) for synset in synsets]


def outputs_of(labels: Iterable[str], names: Sequence[tuple[str, ...]]) -> dict[str, int]:
    """The number of the output, from 0, that belongs to each label.

    Capitals do not count, and "_" stands for a space.

    Parameters
    ----------
    labels : iterable of str
        Names of classes, as of folders; repeated ones count once.
    names : sequence of tuples of str
        As `class_names` gives them.

    Raises
    ------
    Fault
        No output, or several, have the name of a label.
    """
    found: dict[str, list[int]] = {}
    for number, own in enumerate(names):
        for name in dict.fromkeys(map(_folded, own)):
            found.setdefault(name, []).append(number)
    labels = list(dict.fromkeys(labels))
    unknown = [label for label in labels if _folded(label) not in found]
    if unknown:
        near = did_you_mean(_folded(unknown[0]), found)
        raise Fault(f"none of the {len(names)} classes has the name of the labels {listed(unknown, MOST)}{near}.")
    shared = [label for label in labels if len(found[_folded(label)]) > 1]
    if shared:
        ids = " and ".join(names[number][0] for number in found[_folded(shared[0])])
        raise Fault(f"several classes have the name {shared[0]}; name the folder after one of them, {ids}.")
    return {label: found[_folded(label)][0] for label in labels}


def _folded(name: str) -> str:
    return name.replace("_", " ").strip().casefold()
