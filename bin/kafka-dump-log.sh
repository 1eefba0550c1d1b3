#!/bin/sh
# Prints what a segment, index or checkpoint file holds.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-dump-log "$@"
