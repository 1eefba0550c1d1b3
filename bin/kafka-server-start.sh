#!/bin/sh
# Starts a broker: kafka-server-start.sh [-daemon] FILE [--override key=value]...
here=$(dirname "$(readlink -f "$0")")
name=kafkaServer
. "$here/lib/daemon.sh"
exec "$here/lib/run.sh" broker/main "$@"
