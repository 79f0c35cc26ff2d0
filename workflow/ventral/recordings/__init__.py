"""Neural recordings, and observers' choices, each in one format, with where they came from.

Later stages only read recordings, so only that and what a study's configuration needs is imported here;
`ventral.recordings.make` makes them.
"""

from ventral.recordings.ids import matched
from ventral.recordings.kinds import behavioural, images_of, labelled, parted, problems, unchecked_files, varied
from ventral.recordings.recording import Recording, read_recording, write_recording

__all__ = [
    "Recording",
    "behavioural",
    "images_of",
    "labelled",
    "matched",
    "parted",
    "problems",
    "read_recording",
    "unchecked_files",
    "varied",
    "write_recording",
]
