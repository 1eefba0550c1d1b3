/** Gregor's own keys. They carry a prefix of their own, so that a file with them still starts Apache Kafka. */
import { boolean, long, string } from '../definition';
import { atLeast } from '../validators';

export const gregorKeys = [
  string(
    'gregor.http.listener',
    '',
    'medium',
    'host:port of a small HTTP listener with /metrics, /startup and /trace; empty switches it off. Meant for loopback: it asks nobody for a password.',
    { internal: true },
  ),
  boolean(
    'gregor.fast.fence.enable',
    true,
    'medium',
    'Close the ZooKeeper session of a broker whose process is provably gone, instead of waiting until it expires.',
    { internal: true },
  ),
  long(
    'gregor.tail.cache.bytes',
    33_554_432,
    'medium',
    'Memory for the newest bytes of all logs together, from which consumers and followers that keep up are served.',
    { internal: true, valid: atLeast(0) },
  ),
  long(
    'gregor.answer.memory.bytes',
    268_435_456,
    'medium',
    'Memory for answers to fetches that are being read or that clients have not yet taken. The more of it is in use, the smaller the next answers are, down to 256 KiB or one batch.',
    { internal: true, valid: atLeast(0) },
  ),
] as const;
