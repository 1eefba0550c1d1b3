#!/bin/sh
# Has the controller elect leaders, preferred or unclean.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-leader-election "$@"
