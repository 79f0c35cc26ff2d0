"""The last line that a run prints."""

import re

from sound_config import GOOD

from ventral.config.complete import complete
from ventral.records.closing_line import closing_line
from ventral.study import Study


def test_the_closing_line_counts_what_was_made(tmp_path):
    study = Study(complete(GOOD | {"results": str(tmp_path)}))
    assert closing_line(study) == "Done."
    (tmp_path / "report.html").touch()
    assert re.findall(r"\d+ [a-z ]+", closing_line(study)) == ["1 stimulus set", "1 model", "5 layers", "1 recording"]
    assert str(tmp_path / "report.html") in closing_line(study)
