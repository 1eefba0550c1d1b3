#!/bin/sh
# Describes and alters the configuration of topics and brokers.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-configs "$@"
