#!/bin/sh
# Prints how much each replica takes in the log directories of brokers.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-log-dirs "$@"
