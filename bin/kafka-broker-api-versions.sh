#!/bin/sh
# Prints which versions of each API the brokers serve.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-broker-api-versions "$@"
