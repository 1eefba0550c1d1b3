#!/bin/sh
# Prints the cluster id, unregisters brokers.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-cluster "$@"
