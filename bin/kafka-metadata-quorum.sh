#!/bin/sh
# Is for KRaft clusters, and says so.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/kafka-metadata-quorum "$@"
