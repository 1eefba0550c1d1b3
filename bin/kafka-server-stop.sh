#!/bin/sh
# Stops the brokers of this machine.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" supervisor/stop-main broker "$@"
