#!/bin/sh
# Creates, lists, describes, alters and deletes topics.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-topics "$@"
