#!/bin/sh
# Deletes the records of partitions before given offsets.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-delete-records "$@"
