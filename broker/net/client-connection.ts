/**
 * One client's connection. Requests are handled and answered strictly in the order of arrival, one at a time: the next
 * one is looked at only when the answer to the one before has been handed to the operating system. While it waits the
 * socket is not read, so a client that does not read its answers cannot fill the broker's memory.
 */
import type { Socket } from 'node:net';
import { FrameParser } from '../../protocol';
import type { AnswerMemory } from '../../runtime/answer-memory';
import type { Clock } from '../../runtime/clock';
import type { Logger } from '../../runtime/logger';
import type { ConnectionFacts, Dispatch, Outcome } from './dispatch';

/** While a request is being handled, this many further bytes may come in before the socket is paused. */
const READ_AHEAD_BYTES = 1 << 20;

export class ClientConnection {
  private readonly parser: FrameParser;
  private readonly abort = new AbortController();
  private readonly facts: ConnectionFacts;
  private busy = false;
  private ended = false;
  private draining = false;
  private drained: (() => void) | null = null;
  /** Monotonic milliseconds of the last complete request or answer: for closing idle connections. */
  lastActiveMs: number;

  constructor(
    private readonly socket: Socket,
    readonly connectionId: string,
    readonly listenerName: string,
    private readonly parts: {
      dispatch: Dispatch;
      clock: Clock;
      logger: Logger;
      memory: AnswerMemory;
      maxRequestBytes: number;
    },
    private readonly onEnd: (connection: ClientConnection) => void,
  ) {
    this.parser = new FrameParser(parts.maxRequestBytes);
    this.lastActiveMs = parts.clock.monotonicMs();
    this.facts = {
      listenerName,
      connectionId,
      clientHost: `/${socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''}`,
      principal: 'User:ANONYMOUS',
      closed: this.abort.signal,
    };
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('drain', () => this.drained?.());
    socket.on('error', () => this.close(null));
    socket.on('close', () => this.close(null));
  }

  /** A request is being handled or its answer is not yet out. */
  get isBusy(): boolean {
    return this.busy;
  }

  get remoteAddress(): string {
    return this.facts.clientHost;
  }

  /** Closes at once; `why` is logged when it is not null. */
  close(why: string | null): void {
    if (this.ended) return;
    this.ended = true;
    if (why !== null) this.parts.logger.warn(`Closing connection ${this.connectionId}: ${why}`);
    this.abort.abort();
    // What has been answered is sent before a broken request ends the connection.
    if (this.socket.writableCorked > 0) this.socket.uncork();
    this.socket.destroy();
    this.drained?.();
    this.onEnd(this);
  }

  /** Stops reading; the request in progress is still answered, then the connection is closed. */
  drainAndClose(): void {
    this.draining = true;
    this.socket.pause();
    if (!this.busy) this.close(null);
  }

  private receive(chunk: Buffer): void {
    if (this.ended) return;
    this.parser.push(chunk);
    if (!this.busy) this.process();
    else if (this.parser.bufferedBytes > READ_AHEAD_BYTES) this.socket.pause();
  }

  /**
   * Handles what has arrived until a request has to be waited for. The answers to requests that came together go out
   * together: sending is most of what a small request costs.
   */
  private process(): void {
    this.socket.cork();
    this.handleFrames();
    this.socket.uncork();
  }

  private handleFrames(): void {
    while (!this.ended && !this.draining) {
      let frame: Buffer | null;
      try {
        frame = this.parser.next();
      } catch (error) {
        this.close((error as Error).message);
        return;
      }
      if (frame === null) {
        if (this.socket.isPaused()) this.socket.resume();
        return;
      }
      this.lastActiveMs = this.parts.clock.monotonicMs();
      const outcome = this.parts.dispatch.handle(frame, this.facts);
      if (outcome instanceof Promise) {
        this.waitFor(outcome);
        return;
      }
      if (!this.finish(outcome)) return;
    }
  }

  private waitFor(outcome: Promise<Outcome>): void {
    this.busy = true;
    void outcome.then((value) => {
      this.busy = false;
      if (this.ended) return;
      this.lastActiveMs = this.parts.clock.monotonicMs();
      const goOn = this.finish(value);
      if (this.draining && !this.busy) this.close(null);
      else if (goOn) this.process();
    });
  }

  /** Sends an answer; false when the connection has ended or the next request has to wait for the answer to drain. */
  private finish(outcome: Outcome): boolean {
    if (outcome.kind === 'close') {
      this.close(outcome.why);
      return false;
    }
    if (outcome.kind === 'silent' || this.write(outcome.chunks)) return true;
    this.busy = true;
    this.socket.pause();
    const release = this.parts.memory.hold(this.socket.writableLength);
    this.drained = () => {
      this.drained = null;
      release();
      this.busy = false;
      if (this.ended) return;
      if (this.draining) this.close(null);
      else this.process();
    };
    return false;
  }

  private write(chunks: readonly Buffer[]): boolean {
    if (chunks.length === 1) return this.socket.write(chunks[0] as Buffer);
    this.socket.cork();
    let goOn = true;
    for (const chunk of chunks) goOn = this.socket.write(chunk);
    this.socket.uncork();
    return goOn && !this.socket.writableNeedDrain;
  }
}
