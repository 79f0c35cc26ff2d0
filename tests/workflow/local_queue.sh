# A queue of this machine in the form of profiles/generic/lsf.sh. Every submission is recorded in $VENTRAL_QUEUE. As in a
# queue whose node has died, the first job is lost.
ID_OF_JOB=LOCAL_JOB

submit() { # name, cores, megabytes, minutes, GPUs, script
  local id
  id=$(basename "$6")
  if [[ -e $VENTRAL_QUEUE/submitted ]]; then
    LOCAL_JOB=$id setsid bash "$6" > "$6.out" 2>&1 < /dev/null &
    echo $! > "$VENTRAL_QUEUE/$id"
  fi
  echo "${@:1:5}" >> "$VENTRAL_QUEUE/submitted"
  echo "$id"
}

is_queued() {
  [[ -e $VENTRAL_QUEUE/$1 ]] && kill -0 "$(< "$VENTRAL_QUEUE/$1")" 2> /dev/null
}

cancel() {
  for id in "$@"; do
    kill -- "-$(< "$VENTRAL_QUEUE/$id")"
  done
}
