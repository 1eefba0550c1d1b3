/**
 * Asks each ZooKeeper server how it is: ruok, then mntr, or srvr where mntr is not allowed. Owns what they answered last.
 * A word that a server refused is not asked again for a while: each refusal is a line in its log.
 */
import { hostPortText } from '../../client';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { TaskGroup } from '../../runtime/task-group';
import { parseConnectString } from '../../zookeeper';
import type { ZooKeeperProbe } from '../parts';
import type { ZooKeeperServerView } from '../schemas';
import {
  askFourLetterWord,
  NO_FIGURES,
  parseMntr,
  parseSrvr,
  type ServerFigures,
  WordNotAllowed,
} from './four-letter-words';

export interface ZooKeeperProbeOptions {
  connectString: string;
  intervalMs: number;
  timeoutMs: number;
  clock: Clock;
  logger: Logger;
  tasks: TaskGroup;
}

type Word = 'ruok' | 'mntr' | 'srvr';

const ASK_REFUSED_AGAIN_MS = 60_000;

/** Begins to ask at once. @throws Error when the connect string makes no sense */
export function createZooKeeperProbe(options: ZooKeeperProbeOptions): ZooKeeperProbe {
  const servers = parseConnectString(options.connectString).servers.map((server) => new ProbedServer(server, options));
  const listeners = new Set<() => void>();
  options.tasks.every(
    'four-letter words to ZooKeeper',
    options.intervalMs,
    async () => {
      await Promise.all(servers.map((server) => server.probe()));
      for (const listener of listeners) {
        try {
          listener();
        } catch (error) {
          options.logger.error('A listener to what ZooKeeper’s servers say failed', error);
        }
      }
    },
    0,
  );
  return {
    servers: () => servers.map(({ view }) => view),
    onUpdate(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

class ProbedServer {
  view: ZooKeeperServerView;
  private readonly refusedAtMs = new Map<Word, number>();

  constructor(
    private readonly server: { host: string; port: number },
    private readonly options: ZooKeeperProbeOptions,
  ) {
    this.view = {
      address: hostPortText(server),
      state: 'unknown',
      ruok: null,
      figuresFrom: 'none',
      ...NO_FIGURES,
      checkedAtMs: null,
      answerMs: null,
      error: null,
    };
  }

  async probe(): Promise<void> {
    const { clock } = this.options;
    const startedMs = clock.monotonicMs();
    let answerMs: number | null = null;
    const ask = async (word: Word): Promise<string | null> => {
      const answer = await this.ask(word);
      if (answer !== null) answerMs ??= clock.monotonicMs() - startedMs;
      return answer;
    };
    let seen: Partial<ZooKeeperServerView>;
    try {
      const ruok = await ask('ruok');
      const figures = await this.figures(ask);
      const state = ruok === null && figures.figuresFrom === 'none' ? 'not-allowed' : 'answers';
      seen = { state, ruok: ruok === null ? null : ruok.trim() === 'imok', ...figures, error: null };
    } catch (error) {
      // It may come back as another one, with other words allowed.
      this.refusedAtMs.clear();
      const text = (error as Error).message;
      seen = { state: 'unreachable', ruok: null, figuresFrom: 'none', ...NO_FIGURES, error: text };
      answerMs = null;
    }
    this.view = { ...this.view, ...seen, answerMs, checkedAtMs: clock.nowMs() };
  }

  private async figures(
    ask: (word: Word) => Promise<string | null>,
  ): Promise<ServerFigures & Pick<ZooKeeperServerView, 'figuresFrom'>> {
    const mntr = await ask('mntr');
    // A server that does not serve yet answers in one sentence, without figures.
    if (mntr !== null) return { figuresFrom: 'mntr', ...parseMntr(mntr) };
    const srvr = await ask('srvr');
    return srvr === null ? { figuresFrom: 'none', ...NO_FIGURES } : { figuresFrom: 'srvr', ...parseSrvr(srvr) };
  }

  /** Null when the server does not allow the word. */
  private async ask(word: Word): Promise<string | null> {
    const { clock, timeoutMs, tasks } = this.options;
    const refusedAtMs = this.refusedAtMs.get(word);
    if (refusedAtMs !== undefined && clock.monotonicMs() - refusedAtMs < ASK_REFUSED_AGAIN_MS) return null;
    try {
      return await askFourLetterWord({ ...this.server, word, timeoutMs, clock, signal: tasks.signal });
    } catch (error) {
      if (!(error instanceof WordNotAllowed)) throw error;
      this.refusedAtMs.set(word, clock.monotonicMs());
      return null;
    }
  }
}
