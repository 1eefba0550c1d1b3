#!/bin/sh
# Sends each line of standard input as a record.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-console-producer "$@"
