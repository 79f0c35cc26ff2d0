"""Brings the accuracies of all networks together."""

import pandas as pd

from ventral.core.jobs import logged
from ventral.core.table_files import write_table
from ventral.summary import gather
from ventral.summary.layers import with_kind
from ventral.summary.tables import ACCURACY

with logged(snakemake.log[0]):
    accuracy, models = gather(snakemake.input.tables, ACCURACY), pd.DataFrame(snakemake.params.models)
    write_table(with_kind(accuracy, models), snakemake.output.table)
