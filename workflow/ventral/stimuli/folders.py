"""Walks a folder of images, videos or meshes, skipping hidden entries and following links."""

import logging
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ventral.core.errors import Fault

SKIPPED = ("__MACOSX", "@eaDir", "$RECYCLE.BIN")  # made by operating systems, not by the user
SPLITS = {"train", "training", "val", "valid", "validation", "test", "testing", "trainval", "dev", "eval", "evaluation"}


def files_in(folder: str | Path, suffixes: tuple[str, ...] | None = None) -> Iterator[Path]:
    """Find the files with these suffixes, or all files, in a folder and its sub-folders, in no particular order.

    Hidden files and folders are skipped. Links to files and folders are followed, and a file behind a link has the path
    of the link. Each folder is listed once: a link to a folder above it, or to one that was already listed, is skipped
    with a line in the log. The log also counts the files with other suffixes.

    Raises
    ------
    Fault
        A link is broken, a folder cannot be listed, or a name is not valid UTF-8.
    """
    walk = _Walk(suffixes)
    yield from walk.below(Path(folder))
    while walk.links:
        link = walk.links.pop(0)
        if Path(os.path.realpath(link.parent)).is_relative_to(os.path.realpath(link)):
            logging.info("%s is skipped: it links to %s, a folder above it.", link, os.readlink(link))
        else:
            yield from walk.below(link)
    if walk.others:
        counts = ", ".join(f"{count} {suffix or 'without suffix'}" for suffix, count in sorted(walk.others.items()))
        logging.info("Files of %s that are skipped because of their suffix: %s.", folder, counts)


@dataclass
class _Walk:
    """The state of a walk: folders seen, by their real path; links still to follow; and files with other suffixes."""

    suffixes: tuple[str, ...] | None
    seen: dict[str, Path] = field(default_factory=dict)
    links: list[Path] = field(default_factory=list)
    others: Counter = field(default_factory=Counter)

    def below(self, folder: Path) -> Iterator[Path]:
        """Files of a folder and its real sub-folders."""
        place = os.path.realpath(folder)
        if place in self.seen:
            logging.info("%s is skipped: its files are already listed under %s.", folder, self.seen[place])
            return
        self.seen[place] = folder
        for entry in visible(folder):
            path = folder / entry.name
            if entry.is_dir() and entry.is_symlink():
                self.links.append(path)
            elif entry.is_dir():
                yield from self.below(path)
            elif entry.is_file() and (self.suffixes is None or path.suffix.lower() in self.suffixes):
                yield path
            else:
                self.others[path.suffix.lower()] += 1


def visible(folder: str | Path) -> list[os.DirEntry]:
    """List the entries of a folder that are not hidden, sorted by name.

    Raises
    ------
    Fault
        The folder cannot be listed, a link in it is broken, or a name is not valid UTF-8.
    """
    try:
        with os.scandir(folder) as entries:
            shown = [entry for entry in entries if not entry.name.startswith(".") and entry.name not in SKIPPED]
        broken = [entry.path for entry in shown if entry.is_symlink() and not os.path.exists(entry.path)]
    except OSError as error:
        raise Fault(f"The folder {folder} cannot be listed ({error.strerror}); correct its permissions.") from error
    strange = [entry.name for entry in shown if not _is_text(entry.name)]
    if strange:
        raise Fault(f"The folder {folder} has an entry {strange[0]!a}, whose name is not valid UTF-8; rename it.")
    if broken:
        raise Fault(f"{broken[0]} links to {os.readlink(broken[0])}, which does not exist; correct or move the link.")
    return sorted(shown, key=lambda entry: entry.name)


def _is_text(name: str) -> bool:
    """Whether a file name is valid text, so that tables can hold it; undecodable bytes are not."""
    return not any("\ud800" <= character <= "\udfff" for character in name)


def has_class_folders(folder: str | Path) -> bool:
    """Whether a folder has sub-folders, whose names would become the labels of its files."""
    return any(entry.is_dir() for entry in visible(folder))


def refuse_splits(folder: str | Path, suffixes: tuple[str, ...]) -> None:
    """Refuse a folder with folders such as train and val above its classes: their names would become the labels.

    Raises
    ------
    Fault
        Folders named like splits contain class folders, and there are several of them, or no other folder has files.
        Names such as train2017 and val_images count as names of splits if no folder with files has any other name.
    """
    folders = [entry for entry in visible(folder) if entry.is_dir()]
    names = [entry.name for entry in folders]
    splits = [name for name in names if name.casefold() in SPLITS]
    if len(splits) < 2:
        named = [name for name in names if any(word in SPLITS for word in re.findall("[a-z]+", name.casefold()))]
        splits = named if len(named) > 1 and not _have_files(folder, names, named, suffixes) else splits
    if any(has_class_folders(Path(folder, name)) for name in splits) and (
        len(splits) > 1 or not _have_files(folder, names, splits, suffixes)
    ):
        raise Fault(
            f"The folder {folder} has {' and '.join(splits)} above its class folders; name one of them, as in "
            f"{Path(folder, splits[0])}."
        )
    if len(folders) == 1 and not folders[0].is_symlink():
        refuse_splits(folders[0].path, suffixes)


def _have_files(folder: str | Path, names: list[str], without: list[str], suffixes: tuple[str, ...]) -> bool:
    """Whether any of the named sub-folders, besides those in `without`, holds files with these suffixes."""
    others = [Path(folder, name) for name in names if name not in without]
    return any(True for other in others for _ in files_in(other, suffixes))
