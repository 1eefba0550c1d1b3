#!/bin/sh
# Looks at ZooKeeper and changes it.
here=$(dirname "$(readlink -f "$0")")
exec "$here/lib/run.sh" cli/zookeeper-shell "$@"
