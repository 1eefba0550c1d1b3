/** The broker's own gauges, under the names of Kafka's JMX exporter. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { AnswerMemory } from '../runtime/answer-memory';
import type { Metrics } from '../runtime/metrics';
import type { Controller } from './cluster-zookeeper';
import type { MetadataCache } from './metadata/metadata-cache';
import type { SocketServer } from './net/socket-server';

export interface MeasuredParts {
  state: () => number;
  sockets: SocketServer;
  controller: Controller;
  metadata: MetadataCache;
  answerMemory: AnswerMemory;
}

const NANOSECONDS_PER_MS = 1e6;
const DELAY_RESOLUTION_MS = 20;

export function registerBrokerMetrics(metrics: Metrics, parts: MeasuredParts): void {
  const { sockets, controller, metadata, answerMemory } = parts;
  metrics.gauge('kafka_server_kafkaserver_brokerstate', 'State of the broker; 3 is running', parts.state);
  metrics.gauge(
    'kafka_controller_kafkacontroller_activecontrollercount',
    'Whether this broker is the controller',
    () => (controller.isActive ? 1 : 0),
  );
  metrics.gauge(
    'kafka_server_socket_server_connection_count',
    'Open client connections',
    () => sockets.connectionCount,
  );
  metrics.gauge(
    'kafka_controller_kafkacontroller_activebrokercount',
    'Live brokers, as this broker knows',
    () => metadata.liveBrokers.size,
  );
  metrics.gauge(
    'gregor_answer_memory_bytes',
    'Bytes of answers to fetches that are being read or that clients have not yet taken; gregor.answer.memory.bytes',
    () => answerMemory.heldBytes,
  );
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  metrics.gauge('gregor_event_loop_delay_max_ms', 'Longest delay of the event loop since it was last asked', () => {
    const worstMs = delay.max / NANOSECONDS_PER_MS;
    delay.reset();
    return worstMs;
  });
}
