"""Measures the geometry of a recording's areas."""

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.geometry.recording_geometry import measure_recording, shown_images
from ventral.recordings import read_recording

with logged(snakemake.log[0]):
    recording = read_recording(snakemake.input.recording)
    images = shown_images(recording, snakemake.input.stimuli)
    table = measure_recording(recording, images, snakemake.params.thresholds, snakemake.params.seed)
    write_table(table.assign(recording=recording.name)[["recording", *table]], snakemake.output.table)
