#!/bin/sh
# Measures producing.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-producer-perf-test "$@"
