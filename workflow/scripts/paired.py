"""Compares layers, models and kinds of models on the same units."""

import pandas as pd

from ventral.across_models.paired import compared_metrics, paired
from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.summary.tables import gather_units

with logged(snakemake.log[0]):
    units = gather_units(snakemake.input.units, compared_metrics())
    table = paired(units, pd.DataFrame(snakemake.params.models), snakemake.params.seed)
    write_table(table, snakemake.output.table)
