/** Apache Kafka itself, the yardstick of tests and benchmarks: which jars, in which version. */
import type { JarSet } from './maven';

export const KAFKA_VERSION = '3.9.1';

export const kafkaJars: JarSet = {
  name: `kafka-${KAFKA_VERSION}`,
  artifacts: [
    { group: 'org.apache.kafka', name: 'kafka_2.13', version: KAFKA_VERSION },
    { group: 'org.apache.kafka', name: 'kafka-tools', version: KAFKA_VERSION },
    { group: 'org.slf4j', name: 'slf4j-reload4j', version: '1.7.36' },
  ],
};

/** Kafka Streams with its reset tool, without the native store: the tests keep state in memory. */
export const kafkaStreamsJars: JarSet = {
  name: `kafka-streams-${KAFKA_VERSION}`,
  artifacts: [
    { group: 'org.apache.kafka', name: 'kafka-streams', version: KAFKA_VERSION, without: ['org.rocksdb:rocksdbjni'] },
    { group: 'org.apache.kafka', name: 'kafka-tools', version: KAFKA_VERSION },
    { group: 'org.slf4j', name: 'slf4j-reload4j', version: '1.7.36' },
  ],
};
