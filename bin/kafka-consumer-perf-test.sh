#!/bin/sh
# Measures consuming.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-consumer-perf-test "$@"
