#!/bin/sh
# Lists and describes consumer groups, resets their offsets, deletes them.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-consumer-groups "$@"
