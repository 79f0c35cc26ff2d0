"""Neural recordings, and observers' choices, each in one format, with where they came from.

Later stages only read recordings, so only that is imported here; `ventral.recordings.prepare` makes them, and
`ventral.recordings.kinds` knows what kinds there are.
"""

from ventral.recordings.ids import matched
from ventral.recordings.recording import Recording, read_recording, write_recording

__all__ = ["Recording", "matched", "read_recording", "write_recording"]
