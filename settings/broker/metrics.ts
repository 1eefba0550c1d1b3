/** Metrics and their reporters. */
import { boolean, int, list, long, string } from '../definition';
import { atLeast } from '../validators';

export const metricsKeys = [
  list('metric.reporters', '', 'low', 'Classes that metrics are reported to.', { update: 'cluster-wide' }),
  int('metrics.num.samples', 2, 'low', 'Samples that a rate or an average is taken over.', { valid: atLeast(1) }),
  long('metrics.sample.window.ms', 30_000, 'low', 'Length of each of those samples.', { valid: atLeast(1) }),
  string('metrics.recording.level', 'INFO', 'low', 'How much is recorded: INFO, DEBUG or TRACE.'),
  boolean('auto.include.jmx.reporter', true, 'low', 'Report through JMX without naming it in `metric.reporters`.'),
  list('kafka.metrics.reporters', '', 'low', 'Reporters of the older kind of metrics.'),
  int('kafka.metrics.polling.interval.secs', 10, 'low', 'How often those reporters are called.', { valid: atLeast(1) }),
  int('telemetry.max.bytes', 1_048_576, 'low', 'Largest batch of metrics that a client may push.', {
    valid: atLeast(1),
  }),
] as const;
