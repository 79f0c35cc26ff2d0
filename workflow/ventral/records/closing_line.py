"""The last line that a run prints."""

from pathlib import Path

from ventral.study import Study


def closing_line(study: Study) -> str:
    """What the study has made, and where its report is; "Done." if there is no report."""
    counts = {
        "stimulus set": len(study.stimulus_sets),
        "trained network": len(study.networks),
        "model": len(study.layers),
        "layer": sum(map(len, study.layers.values())),
        "recording": len(study.recordings),
    }
    always = {*counts} - {"trained network"} if study.layers else ()
    counts = {name: count for name, count in counts.items() if count or name in always}
    made = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items())
    page = Path(study.config["results"]) / "report.html"
    return f"Done: {made}. Report: {page}" if page.exists() else "Done."
