#!/bin/sh
# Prints the records of a topic.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-console-consumer "$@"
