"""Checks the configuration and makes the study, which gives the rules their names and dependencies."""

import os
import sys
from pathlib import Path

from snakemake_interface_executor_plugins.settings import SharedFSUsage

from ventral.core.code_hash import stage_hash
from ventral.config.complete import complete
from ventral.config.missing_weights import for_jobs, of_main_process, said
from ventral.core.object_store import place_of
from ventral.core.stale_lock import begin_run, clear_stale_lock
from ventral.core.errors import Fault
from ventral.core.files import remove_partial
from ventral.core.rule_paths import checksums, one_of
from ventral.records.closing_line import closing_line
from ventral.records.study_record import (
    own_files,
    settings_of,
    store_record,
    write_record,
)
from ventral.resources import memory, runtime
from ventral.study import Study

try:
    # Jobs do not look again at what the main process has seen, and a cluster's jobs may run where there is a GPU.
    is_job = not workflow.is_main_process
    config = complete(
        config,
        workflow.configfiles,
        here=not is_job and workflow.resource_settings.nodes is None,
        checked=is_job,
        without=of_main_process(config.pop("left_out", "")) if is_job else None,
    )
    study = Study(config)
    RESULTS = place_of(config["results"], workflow)
except Fault as fault:
    raise SystemExit(str(fault))

# The nodes of a cluster extract several models at a time.
if workflow.resource_settings.nodes is None:
    workflow.register_resource("activations_on_disk", 1)

if workflow.is_main_process and config.get("left_out"):
    print(*said(config["left_out"]), sep="\n", file=sys.stderr)
    workflow.config_settings.config_args = [  # which Snakemake passes to all jobs
        *workflow.config_settings.config_args,
        f"left_out={for_jobs(config['left_out'])}",
    ]

MARK_OF_THIS_RUN = (
    clear_stale_lock(RESULTS.folder) if workflow.is_main_process else None
)

# A job in an environment of its own finds the library, and every job the user's own Python modules.
os.environ.update(
    PYTHONPATH=os.pathsep.join(
        [
            str(Path(workflow.basedir) / "workflow"),
            os.getcwd(),
            *filter(None, [os.environ.get("PYTHONPATH")]),
        ]
    )
)


def on_this_machine(files):
    """The user's own files as inputs, which an object store does not hold. A parameter tells whether they changed."""
    return [
        str(file) if study.is_result(file) else ancient(local(str(file)))
        for file in files
    ]


if SharedFSUsage.INPUT_OUTPUT not in workflow.storage_settings.shared_fs_usage:

    # They read folders of this machine, and files that VENTRAL_DATA has here.
    localrules:
        stimuli,
        recordings,
        provenance,


wildcard_constraints:
    stimuli="[^/]+",
    recording="[^/]+",
    model="[^/]+",
    network="[^/]+",
