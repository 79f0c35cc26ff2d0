"""Stimulus sets: rendered scenes, images, clips of videos, augmented images, and the images of recordings.

Later stages only read sets, so only that is imported here; `ventral.stimuli.write_set` makes them.
"""

from ventral.stimuli.table import (
    advice_on_ids,
    digest_of_images,
    open_images,
    read_contents,
    read_copies,
    read_table,
    write_stimuli,
)

__all__ = [
    "advice_on_ids",
    "digest_of_images",
    "open_images",
    "read_contents",
    "read_copies",
    "read_table",
    "write_stimuli",
]
