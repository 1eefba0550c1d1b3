/**
 * ZooKeeper's four-letter words: asking one over a socket of its own, and reading the answers to mntr and srvr. A server
 * answers only those that its 4lw.commands.whitelist names; by default that is srvr alone.
 */
import { connect } from 'node:net';
import type { Clock } from '../../runtime/clock';
import type { ZooKeeperServerView } from '../schemas';

export interface FourLetterQuestion {
  host: string;
  port: number;
  word: 'ruok' | 'mntr' | 'srvr';
  /** For the whole exchange. */
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
}

/** Thrown when the server answers, but not this word. */
export class WordNotAllowed extends Error {
  constructor(word: string) {
    super(`ZooKeeper does not answer ${word}: it is not in its 4lw.commands.whitelist`);
    this.name = 'WordNotAllowed';
  }
}

const MAX_ANSWER_BYTES = 1_048_576;

/**
 * Asks one word. @throws WordNotAllowed; Error when the server cannot be reached, or does not answer in time
 */
export function askFourLetterWord({ host, port, word, timeoutMs, clock, signal }: FourLetterQuestion): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const socket = connect({ host, port });
    const end = (settle: () => void): void => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      settle();
    };
    const fail = (text: string): void => end(() => reject(new Error(text)));
    const onAbort = (): void => fail('the coordinator is stopping');
    const timer = clock.after(timeoutMs, () => fail(`no answer within ${timeoutMs} ms`));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('connect', () => socket.write(word));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MAX_ANSWER_BYTES) fail(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    });
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      if (text.includes('is not executed because it is not in the whitelist')) {
        end(() => reject(new WordNotAllowed(word)));
      } else if (text === '') {
        fail('the connection was closed without an answer');
      } else {
        end(() => resolve(text));
      }
    });
  });
}

/** What a server tells of itself; what its word does not tell is null. */
export type ServerFigures = Pick<
  ZooKeeperServerView,
  | 'version'
  | 'mode'
  | 'latencyMs'
  | 'outstandingRequests'
  | 'connections'
  | 'sessions'
  | 'znodes'
  | 'watches'
  | 'ephemerals'
>;

export const NO_FIGURES: ServerFigures = {
  version: null,
  mode: null,
  latencyMs: null,
  outstandingRequests: null,
  connections: null,
  sessions: null,
  znodes: null,
  watches: null,
  ephemerals: null,
};

/** Reads mntr: a name and a value on each line, with a tab between them. */
export function parseMntr(text: string): ServerFigures {
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const tab = line.indexOf('\t');
      return tab === -1 ? [] : [[line.slice(0, tab), line.slice(tab + 1).trim()] as const];
    }),
  );
  const figure = (name: string): number | null => finite(values.get(name));
  const [min, avg, max] = [figure('zk_min_latency'), figure('zk_avg_latency'), figure('zk_max_latency')];
  return {
    version: shortVersion(values.get('zk_version')),
    mode: modeOf(values.get('zk_server_state')),
    latencyMs: min === null || avg === null || max === null ? null : { min, avg, max },
    outstandingRequests: figure('zk_outstanding_requests'),
    connections: figure('zk_num_alive_connections'),
    // Only a leader, or a server that stands alone, knows all sessions.
    sessions: figure('zk_global_sessions'),
    znodes: figure('zk_znode_count'),
    watches: figure('zk_watch_count'),
    ephemerals: figure('zk_ephemerals_count'),
  };
}

/** Reads srvr: `Name: value` on each line; the latency as `min/avg/max`. */
export function parseSrvr(text: string): ServerFigures {
  const value = (name: string): string | undefined => new RegExp(`^${name}: *(.*)$`, 'm').exec(text)?.[1]?.trim();
  const latency = /^Latency min\/avg\/max: *([\d.]+)\/([\d.]+)\/([\d.]+)/m.exec(text);
  return {
    ...NO_FIGURES,
    version: shortVersion(value('Zookeeper version')),
    mode: modeOf(value('Mode')),
    latencyMs: latency ? { min: Number(latency[1]), avg: Number(latency[2]), max: Number(latency[3]) } : null,
    outstandingRequests: finite(value('Outstanding')),
    connections: finite(value('Connections')),
    znodes: finite(value('Node count')),
  };
}

function finite(text: string | undefined): number | null {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** `3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on …` → `3.8.4` */
function shortVersion(text: string | undefined): string | null {
  return text === undefined ? null : (/^[^-,\s]+/.exec(text)?.[0] ?? null);
}

function modeOf(text: string | undefined): ZooKeeperServerView['mode'] {
  switch (text?.toLowerCase()) {
    case 'leader':
      return 'leader';
    case 'follower':
      return 'follower';
    case 'observer':
      return 'observer';
    case 'standalone':
      return 'standalone';
    case 'read-only':
      return 'read-only';
    default:
      return null;
  }
}
