# PBS Professional and OpenPBS.
ID_OF_JOB=PBS_JOBID

submit() { # name, cores, megabytes, minutes, GPUs, script
  local chunk="select=1:ncpus=$2:mem=${3}mb"
  (($5 == 0)) || chunk+=":ngpus=$5"
  qsub -V -N "${1:0:15}" -l "$chunk" -l "walltime=$4:00" -j oe -o "$6.out" -- /bin/bash "$6"
}

is_queued() {
  qstat "$1" > /dev/null 2>&1
}

cancel() {
  qdel "$@"
}
