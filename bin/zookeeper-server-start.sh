#!/bin/sh
# Starts ZooKeeper: zookeeper-server-start.sh [-daemon] FILE
here=$(dirname "$(readlink -f "$0")")
name=zookeeper
. "$here/lib/daemon.sh"
# ZooKeeper takes the place of this process, as it does with Kafka, so that signals reach it.
command=$("$here/lib/run.sh" supervisor/zookeeper-main --print-command "$@") || exit $?
eval "exec $command"
