#!/bin/bash
# Start of a container of Gregor. `broker` and `coordinator` write their configuration from the environment (KAFKA_* and
# COORDINATOR_*, see docs/compose.md) and become that process; anything else is a command to run, e.g. bash or kafka-topics.
set -eu

# Only a container with the Docker socket (compose.faults.yaml) is started as root: it joins the socket's group, and is root no
# longer from here on.
socket=/var/run/docker.sock
if [ "$(id -u)" = 0 ]; then
  groups=1000
  [ ! -S $socket ] || groups=$groups,$(stat -c %g $socket)
  exec setpriv --reuid 1000 --regid 1000 --groups "$groups" -- "$0" "$@"
fi

case ${1:-broker} in
  broker) start=kafka-server-start.sh file=/etc/kafka/server.properties ;;
  coordinator) start=coordinator-start.sh file=/etc/kafka/coordinator.properties ;;
  *) exec "$@" ;;
esac
node /opt/kafka/dist/supervisor/container-main.js "${1:-broker}" $file
exec /opt/kafka/bin/$start $file
