#!/bin/sh
# Checks that all replicas have the same records.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-replica-verification "$@"
