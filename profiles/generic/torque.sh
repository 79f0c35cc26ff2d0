# Torque.
ID_OF_JOB=PBS_JOBID

submit() { # name, cores, megabytes, minutes, GPUs, script
  local node="nodes=1:ppn=$2"
  (($5 == 0)) || node+=":gpus=$5"
  qsub -V -N "${1:0:15}" -l "$node" -l "mem=${3}mb" -l "walltime=$(($4 * 60))" -j oe -o "$6.out" "$6"
}

is_queued() {
  qstat "$1" 2> /dev/null | grep -qv ' C '
}

cancel() {
  qdel "$@"
}
