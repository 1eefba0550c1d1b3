/**
 * The live stream: server-sent events at GET /api/live, one per event of the hub, `id` being the event's. A reader that
 * comes back says what it saw last (Last-Event-ID, or ?after=) and gets what it missed; when that is no longer kept, or the
 * service has been started anew since, the first event is of type `lost`.
 *
 * No reader is buffered for: each has a position in the hub's bounded memory and is given the next events when its socket
 * has taken the last ones. One that takes nothing for a while is dropped; it can come back and go on.
 */
import type { Request, RequestHandler, Response } from 'express';
import type { Clock } from '../../runtime/clock';
import type { EventHub } from '../parts';
import type { LiveEvent } from '../schemas';
import { ApiError } from './api-error';

const PAGE_EVENTS = 100;
export const HEARTBEAT_MS = 10_000;
/** A reader whose socket has taken nothing for this long is dropped. */
export const STALLED_MS = 20_000;
const RETRY_MS = 2_000;

export interface LiveOptions {
  events: EventHub;
  clock: Clock;
  /** How many streams may be open at once. */
  maxConnections: number;
}

const texts = new WeakMap<LiveEvent, string>();

/** Made once for all readers. */
function eventText(event: LiveEvent): string {
  const known = texts.get(event);
  if (known !== undefined) return known;
  const text = `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
  texts.set(event, text);
  return text;
}

/** One reader. Ends itself when the response closes. */
class Stream {
  private blockedSinceMs: number | null = null;
  private woken = false;

  constructor(
    private readonly response: Response,
    private readonly options: LiveOptions,
    private position: number,
  ) {
    const { events, clock } = options;
    const unsubscribe = events.subscribe(() => this.wake());
    const heartbeat = clock.every(HEARTBEAT_MS, () => this.beat());
    response.on('drain', () => this.onDrain());
    response.on('close', () => {
      unsubscribe();
      heartbeat.cancel();
    });
  }

  write(text: string): void {
    if (this.response.destroyed) return;
    if (!this.response.write(text)) this.blockedSinceMs ??= this.options.clock.monotonicMs();
  }

  /** Gives what there is until the socket takes no more. */
  pump(): void {
    while (this.blockedSinceMs === null && !this.response.destroyed && this.writePage());
  }

  /** Events that come in one go are written in one. */
  private wake(): void {
    if (this.woken) return;
    this.woken = true;
    queueMicrotask(() => {
      this.woken = false;
      this.pump();
    });
  }

  private writePage(): boolean {
    const { events } = this.options.events.list(this.position, PAGE_EVENTS);
    const last = events.at(-1);
    if (last === undefined || last.id <= this.position) return false;
    this.position = last.id;
    this.write(events.map(eventText).join(''));
    return true;
  }

  private onDrain(): void {
    this.blockedSinceMs = null;
    this.pump();
  }

  private beat(): void {
    if (this.blockedSinceMs === null) this.write(': here\n\n');
    else if (this.options.clock.monotonicMs() - this.blockedSinceMs > STALLED_MS) this.response.destroy();
  }
}

/** What the reader saw last; null when it comes for the first time. @throws ApiError 400 */
function lastSeen(request: Request): number | null {
  const given = request.get('last-event-id') ?? request.query['after'];
  if (given === undefined || given === '') return null;
  if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return Number(given);
  throw new ApiError(400, 'INVALID_REQUEST', 'Query parameter after (or Last-Event-ID) must be the id of an event');
}

/** Serves the stream; `open` tells how many there are at the moment. */
export class LiveStreams {
  private count = 0;

  constructor(private readonly options: LiveOptions) {}

  get open(): number {
    return this.count;
  }

  readonly handle: RequestHandler = (request, response) => {
    const { events, maxConnections } = this.options;
    const seen = lastSeen(request);
    if (this.count >= maxConnections) {
      throw new ApiError(503, 'TOO_MANY_STREAMS', `There are ${maxConnections} live streams already`);
    }
    const newest = events.list(Number.MAX_SAFE_INTEGER, 1).lastId ?? 0;
    response.set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    this.count++;
    response.on('close', () => this.count--);
    // An id from before a new start says nothing about this one.
    const fromFormerStart = seen !== null && seen > newest;
    const stream = new Stream(response, this.options, fromFormerStart ? newest : (seen ?? newest));
    response.flushHeaders();
    stream.write(`retry: ${RETRY_MS}\n`);
    if (fromFormerStart) stream.write(eventText(this.lost(newest)));
    else stream.write(`id: ${seen ?? newest}\n\n`);
    stream.pump();
  };

  private lost(id: number): LiveEvent {
    const text = 'The coordinator has been started anew; what happened before is not known to this stream';
    return { id, atMs: this.options.clock.nowMs(), type: 'lost', subject: null, text, data: null };
  }
}
