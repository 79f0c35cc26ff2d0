# Reads the functions of the chosen scheduler: submit, is_queued, cancel, and ID_OF_JOB, the name of the environment
# variable that holds a job's id inside the job.
JOBS="$PWD/.snakemake/cluster"
case ${VENTRAL_SCHEDULER:-} in
  */*) . "$VENTRAL_SCHEDULER" ;;
  lsf | pbs | torque | sge) . "$(dirname "${BASH_SOURCE[0]}")/$VENTRAL_SCHEDULER.sh" ;;
  *)
    echo "Set VENTRAL_SCHEDULER to lsf, pbs, torque, sge, or the path of a file like profiles/generic/lsf.sh." >&2
    exit 1
    ;;
esac
