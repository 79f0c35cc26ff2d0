# Sun, Univa and Altair Grid Engine. The names of the parallel environment (smp) and of GPUs (gpu) are those of many
# sites; `qconf -spl` and `qconf -sc` list yours. Memory counts per slot.
ID_OF_JOB=JOB_ID

submit() { # name, cores, megabytes, minutes, GPUs, script
  local options=(-terse -N "$1" -cwd -V -S /bin/bash -pe smp "$2" -l "h_vmem=$((($3 + $2 - 1) / $2))M" -l "h_rt=$(($4 * 60))")
  (($5 == 0)) || options+=(-l "gpu=$5")
  qsub "${options[@]}" -j y -o "$6.out" "$6"
}

is_queued() {
  qstat -j "$1" > /dev/null 2>&1
}

cancel() {
  qdel "$@"
}
