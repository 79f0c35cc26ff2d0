"""Digests of the images, recordings and weights of a study, so that a later run can be compared with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from ventral.report.sortable import Cell, Table, text


def checksum_table(fingerprints: Mapping[str, Any]) -> Table:
    """One row per stimulus set, recording, model and own file.

    Parameters
    ----------
    fingerprints : mapping
        As `ventral.records.fingerprints` makes them; empty if they are not known.
    """
    return Table(
        "checksums",
        "Checksums",
        "Digests of the pixels of stimulus sets and of the responses or choices of recordings; fingerprints of models, "
        "which are hashes of source, preprocessing and every weight; and SHA-256 of the files that models and "
        "recordings were read from. Files that Ventral downloads are compared with checksums of its own. Two runs with "
        "equal checksums and settings have equal inputs. They are also in provenance.json.",
        [("what", ""), ("name", ""), ("checksum", ""), ("source", "")],
        list(rows(fingerprints)) if fingerprints else [],
    )


def rows(fingerprints: Mapping[str, Any]) -> Iterator[list[Cell]]:
    """Rows of the table."""
    for name, about in fingerprints["stimuli"].items():
        yield [text("stimulus set"), text(name), text(about["digest"]), text("")]
    for name, about in fingerprints["recordings"].items():
        yield [text("recording"), text(name), text(about["digest"]), text(about["source"])]
        yield from files(about)
    for name, about in fingerprints["models"].items():
        yield [text("model"), text(name), text(about["fingerprint"]), text(about["source"])]
        yield from files(about)


def files(about: Mapping[str, Any]) -> Iterator[list[Cell]]:
    """Rows of the files that a model or a recording was read from."""
    for path, checksum in about["files"].items():
        yield [text("file"), text(path), text(checksum), text("")]
