#!/bin/sh
# Starts the coordinator service: coordinator-start.sh [-daemon] FILE [--override key=value]...
here=$(dirname "$(readlink -f "$0")")
name=coordinator
. "$here/lib/daemon.sh"
exec "$here/lib/run.sh" coordinator/main "$@"
