/**
 * Keeps one connection to a broker whose death would matter, for as long as its registration stands, and reports when it
 * breaks. Legal transitions: connecting → connected → broken → connecting …, until it is stopped.
 *
 * A process that dies loses its connections an instant before its port: the first look after a break may still find that
 * open. So while the port refuses from then on, it is reported again, ever more rarely.
 */
import { Connection } from '../../../client';
import { sleep, type Clock } from '../../../runtime/clock';
import { isRefusal, type Address } from './refusals';

export interface WatchedRegistration {
  readonly brokerId: number;
  readonly czxid: bigint;
  /** Its inter-broker endpoints. */
  readonly addresses: readonly Address[];
}

const RETRY_MS = 500;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const CONNECT_TIMEOUT_MS = 2_000;

export class WatchedBroker {
  private readonly abort = new AbortController();

  constructor(
    readonly registration: WatchedRegistration,
    private readonly clock: Clock,
    /** Awaited before connecting again. Only called after a connection to this very registration had stood. */
    private readonly onBroken: (registration: WatchedRegistration, signal: AbortSignal) => Promise<void>,
  ) {}

  /** Runs until stop(); rejects with nothing else than the stop. */
  async run(): Promise<void> {
    const { signal } = this.abort;
    const address = this.registration.addresses[0];
    let pauseMs = RETRY_MS;
    let hadStood = false;
    while (!signal.aborted && address) {
      const outcome = await this.connect(address).catch((error: unknown) => ({ error }));
      if (outcome instanceof Connection) {
        hadStood = true;
        await new Promise<void>((resolve) => outcome.onClose(() => resolve()));
        pauseMs = FIRST_PAUSE_MS;
      } else if (hadStood) {
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
      const isGone = hadStood && (outcome instanceof Connection || isRefusal(outcome.error));
      if (isGone && !signal.aborted) await this.onBroken(this.registration, signal);
      await sleep(this.clock, pauseMs, signal).catch(() => undefined);
    }
  }

  stop(): void {
    this.abort.abort(new Error('the registration is not watched any more'));
  }

  private connect({ host, port }: Address): Promise<Connection> {
    const timeouts = { connectTimeoutMs: CONNECT_TIMEOUT_MS, requestTimeoutMs: CONNECT_TIMEOUT_MS };
    const { signal } = this.abort;
    return Connection.open({ host, port, clientId: 'fast-fence', clock: this.clock, signal, ...timeouts });
  }
}
