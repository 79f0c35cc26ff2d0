# IBM Spectrum LSF. Memory is that of the whole job; where the site counts it per task (RESOURCE_RESERVE_PER_TASK=Y),
# divide it by the cores.
ID_OF_JOB=LSB_JOBID

submit() { # name, cores, megabytes, minutes, GPUs, script
  local options=(-J "$1" -n "$2" -R "span[hosts=1]" -R "rusage[mem=${3}MB]" -M "${3}MB" -W "$4" -oo "$6.out")
  (($5 == 0)) || options+=(-gpu "num=$5")
  bsub "${options[@]}" bash "$6" | sed -n 's/^Job <\([0-9]*\)>.*/\1/p'
}

is_queued() {
  [[ $(bjobs -noheader -o stat "$1" 2> /dev/null) =~ ^(PEND|RUN|PSUSP|USUSP|SSUSP|WAIT|PROV|UNKWN)$ ]]
}

cancel() {
  bkill "$@"
}
