#!/bin/bash
# Writes server.properties from the KAFKA_* variables, by the rule of Kafka's own images, and becomes the broker.
# KAFKA_HEAP_OPTS and KAFKA_OPTS are for Java.
set -eu
file=/etc/kafka/server.properties
: >$file
for variable in "${!KAFKA_@}"; do
  case $variable in KAFKA_HEAP_OPTS | KAFKA_OPTS | KAFKA_VERSION) continue ;; esac
  key=${variable#KAFKA_}
  key=${key,,}
  key=${key//___/-}
  key=${key//__/%}
  key=${key//_/.}
  echo "${key//%/_}=${!variable}" >>$file
done
# shellcheck disable=SC2086 # the flags are words
exec java ${KAFKA_HEAP_OPTS:--Xmx512m} -XX:+UseSerialGC ${KAFKA_OPTS:-} -Dlog4j.configuration=file:/etc/kafka/log4j.properties \
  -cp '/opt/kafka/libs/*' kafka.Kafka $file
