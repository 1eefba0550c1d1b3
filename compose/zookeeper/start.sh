#!/bin/bash
# Becomes ZooKeeper. /conf holds the logging configuration of the official image. JVMFLAGS adds options for Java, as with ZooKeeper's own start script.
set -eu
lib=(/apache-zookeeper-*-bin/lib)
# shellcheck disable=SC2086 # the flags are words
exec java -Xmx256m -XX:+UseSerialGC ${JVMFLAGS:-} -cp "/conf:${lib[0]}/*" org.apache.zookeeper.server.quorum.QuorumPeerMain \
  "${1:-/etc/zookeeper/zookeeper.properties}"
