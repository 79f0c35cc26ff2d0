#!/usr/bin/env bash
# A real Slurm of one node for a test: no accounting database, two GPUs that are only device files. Jobs that use more
# memory than they ask for are killed within a second or two.
#     one_node_slurm.sh start FOLDER      one_node_slurm.sh stop FOLDER
# Needs root and Debian's slurm-wlm and munge. Links /etc/slurm/{slurm,gres}.conf, where jobs' srun looks, to its own.
# What a killed test left behind is stopped first; any other Slurm of the machine is left alone, with an error.
set -euo pipefail
folder=$(realpath -m "$2")
host=$(hostname -s)

start() {
  left=$(dirname "$(readlink -m /etc/slurm/slurm.conf)")
  if [[ $left == */pytest-of-*/slurm* ]] && ! kill -0 "$(cat "$left/owner" 2>/dev/null)" 2>/dev/null; then
    (folder=$left && stop)
  fi
  if [ -e /etc/slurm/slurm.conf ] || [ -L /etc/slurm/slurm.conf ]; then
    echo "/etc/slurm/slurm.conf belongs to another Slurm of this machine" >&2
    return 1
  fi
  mkdir -p "$folder"/{state,spool,log,run} /etc/slurm /run/munge
  chmod 755 "$folder" "$folder/run" /run/munge
  echo $PPID >"$folder/owner"
  head -c 1024 /dev/urandom >"$folder/munge.key"
  chmod 600 "$folder/munge.key"
  munged --force --key-file="$folder/munge.key" --socket=/run/munge/munge.socket.2 \
    --pid-file="$folder/run/munged.pid" --log-file="$folder/log/munged.log" --seed-file="$folder/run/munged.seed"
  for gpu in 0 1; do mknod "$folder/gpu$gpu" c 1 3; done

  cat >"$folder/gres.conf" <<CONF
AutoDetect=off
NodeName=$host Name=gpu Count=2 File=$folder/gpu[0-1]
CONF
  cat >"$folder/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
ReturnToService=2
MinJobAge=300
KillWait=5
GresTypes=gpu
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/run/slurmctld.pid
SlurmdPidFile=$folder/run/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(getconf _NPROCESSORS_ONLN) RealMemory=$(awk '/MemTotal/ {print int($2 / 1024)}' /proc/meminfo) Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
  ln -sfn "$folder/slurm.conf" /etc/slurm/slurm.conf
  ln -sfn "$folder/gres.conf" /etc/slurm/gres.conf
  slurmctld -c
  slurmd
  for _ in $(seq 60); do
    sinfo --noheader --format=%T 2>/dev/null | grep -q idle && return
    sleep 0.5
  done
  cat "$folder"/log/*.log >&2
  return 1
}

stop() {
  [ "$(readlink -m /etc/slurm/slurm.conf)" = "$folder/slurm.conf" ] || return 0
  for daemon in slurmd slurmctld munged; do
    [ -s "$folder/run/$daemon.pid" ] && kill "$(cat "$folder/run/$daemon.pid")" || true
  done
  rm -f /etc/slurm/slurm.conf /etc/slurm/gres.conf
}

"$1"
