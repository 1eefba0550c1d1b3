#!/bin/sh
# Stops the coordinator services of this machine.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" supervisor/stop-main coordinator "$@"
