#!/bin/sh
# Prints first, last or time-stamped offsets of partitions.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-get-offsets "$@"
