"""Measures the geometry of a recording's areas."""

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.geometry.recording_geometry import measure_recording
from ventral.recordings import read_recording
from ventral.stimuli import read_contents, read_table

with logged(snakemake.log[0]):
    recording = read_recording(snakemake.input.recording)
    stimuli = read_table(snakemake.input.stimuli).assign(content=read_contents(snakemake.input.stimuli))
    table = measure_recording(recording, stimuli, snakemake.params.thresholds, snakemake.params.seed)
    write_table(table.assign(recording=recording.name)[["recording", *table]], snakemake.output.table)
