"""Neural recordings and observers' choices in one format, with their provenance.

Later stages only read recordings, so only that is imported here; `ventral.recordings.prepare` makes them, and
`ventral.recordings.kinds` holds the kinds.
"""

from ventral.recordings.ids import matched
from ventral.recordings.recording import Recording, read_recording, write_recording

__all__ = ["Recording", "matched", "read_recording", "write_recording"]
