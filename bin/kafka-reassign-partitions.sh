#!/bin/sh
# Moves replicas of partitions between brokers.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-reassign-partitions "$@"
