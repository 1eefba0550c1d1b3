/** The live stream: what a reader gets, where it goes on, and what becomes of one that does not read. */
import { connect, type Socket } from 'node:net';
import type { LiveEvent } from '../../../../coordinator/schemas';
import { HEARTBEAT_MS, STALLED_MS } from '../../../../coordinator/http/live';
import { ManualClock } from '../../../../runtime/manual-clock';
import { type FakeCoordinator, type FakeOptions, startFakeCoordinator } from '../../../support/coordinator/fake-parts';
import { eventually } from '../../../support/eventually';

let coordinator: FakeCoordinator;
const sockets: Socket[] = [];

async function start(options?: FakeOptions): Promise<void> {
  coordinator = await startFakeCoordinator(options);
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await coordinator.close();
});

/** A stream read by hand, so that a test decides when to read. */
class Reader {
  text = '';
  ended = false;

  constructor(readonly socket: Socket) {
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => (this.text += data));
    socket.on('close', () => (this.ended = true));
    socket.on('error', () => undefined);
    sockets.push(socket);
  }

  events(): LiveEvent[] {
    const lines = this.text.matchAll(/(?<=\n)id: (\d+)\ndata: ([^\n]*)\n\n/g);
    return [...lines].map(([, id, data]) => {
      const event = JSON.parse(data as string) as LiveEvent;
      if (event.id !== Number(id)) throw new Error(`the event ${String(data)} came with id ${String(id)}`);
      return event;
    });
  }

  texts(): string[] {
    return this.events().map(({ text }) => text);
  }
}

function open(path = '/api/live', headers = ''): Reader {
  const socket = connect(coordinator.server.port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  return new Reader(socket);
}

async function opened(path?: string, headers?: string): Promise<Reader> {
  const reader = open(path, headers);
  await eventually('the answer', () => /\r\n\r\n[\s\S]*\n\n/.test(reader.text));
  return reader;
}

const publish = (...texts: string[]): LiveEvent[] =>
  texts.map((text) => coordinator.events.publish('topic', 't', text));

describe('the live stream', () => {
  it('gives a new reader what happens from now on', async () => {
    await start();
    publish('before');
    const reader = await opened();
    expect(reader.text).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*content-type: text\/event-stream; charset=utf-8\r\n/i);
    publish('one', 'two');
    await eventually('two events', () => reader.events().length === 2);
    expect(reader.texts()).toEqual(['one', 'two']);
  });

  it('gives a reader that comes back what it missed, by header or by parameter', async () => {
    await start();
    const [first] = publish('one', 'two', 'three') as [LiveEvent];
    for (const reader of [
      await opened('/api/live', `Last-Event-ID: ${first.id}\r\n`),
      await opened(`/api/live?after=${first.id}`),
      await opened(`/api/live?after=1`, `Last-Event-ID: ${first.id}\r\n`),
    ]) {
      await eventually('two events', () => reader.events().length === 2);
      expect(reader.texts()).toEqual(['two', 'three']);
    }
  });

  it('goes on with new events after all pages of those that were missed', async () => {
    await start();
    const [first] = publish('first') as [LiveEvent];
    const texts = Array.from({ length: 350 }, (_, index) => `event ${index}`);
    publish(...texts);
    const reader = await opened(`/api/live?after=${first.id}`);
    publish('new');
    await eventually('all events', () => reader.events().length === 351);
    expect(reader.texts()).toEqual([...texts, 'new']);
  });

  it('begins with what is lost when the events missed are no longer kept', async () => {
    await start({ keptEvents: 3 });
    const [first] = publish('1', '2', '3', '4', '5', '6') as [LiveEvent];
    const reader = await opened(`/api/live?after=${first.id}`);
    await eventually('the events', () => reader.events().length === 4);
    expect(reader.events().map(({ type, text }) => (type === 'lost' ? type : text))).toEqual(['lost', '4', '5', '6']);
  });

  it('tells a reader that knows a later event than there is that something is lost', async () => {
    await start();
    const [event] = publish('one') as [LiveEvent];
    const reader = await opened(`/api/live?after=${event.id + 1_000}`);
    publish('two');
    await eventually('the events', () => reader.events().length === 2);
    expect(reader.events().map(({ type, text }) => (type === 'lost' ? type : text))).toEqual(['lost', 'two']);
  });

  it('refuses an id that is none', async () => {
    await start();
    const reader = open('/api/live?after=abc');
    await eventually('the answer', () => reader.text.includes('INVALID_REQUEST'));
    expect(reader.text).toMatch(/^HTTP\/1.1 400 /);
  });

  it('keeps within the bound of streams, and gives the place of one that left to the next', async () => {
    await start({ settings: { 'http.live.connections': 2 } });
    const first = await opened();
    await opened();
    const third = open();
    await eventually('the refusal', () => third.text.includes('TOO_MANY_STREAMS'));
    expect(third.text).toMatch(/^HTTP\/1.1 503 /);
    first.socket.destroy();
    await eventually('a free place', async () => {
      const reader = open();
      await eventually('an answer', () => reader.text.includes('\r\n\r\n'));
      return reader.text.startsWith('HTTP/1.1 200');
    });
  });

  it('keeps a record value in one line, whatever it holds', async () => {
    await start();
    const reader = await opened();
    const hostile = 'a\n\nid: 7\ndata: {}\r\n\u2028<script>';
    publish(hostile);
    await eventually('the event', () => reader.events().length === 1);
    expect(reader.texts()).toEqual([hostile]);
  });

  it('shows with heartbeats that it is there', async () => {
    const clock = new ManualClock();
    await start({ clock });
    const reader = await opened();
    clock.advance(HEARTBEAT_MS);
    await eventually('a heartbeat', () => reader.text.includes('\n: here\n\n'));
    expect(reader.ended).toBe(false);
  });

  it('drops a reader that reads nothing, without having kept its events, while others go on', async () => {
    const clock = new ManualClock();
    await start({ clock, keptEvents: 50 });
    const slow = await opened();
    const quick = await opened();
    slow.socket.pause();
    const large = 'x'.repeat(100_000);
    let last: LiveEvent | null = null;
    for (let round = 0; round < 200; round++) {
      [last] = publish(`${round} ${large}`) as [LiveEvent];
      await eventually('the quick one', () => quick.text.includes(`"id":${(last as LiveEvent).id},`));
      quick.text = quick.text.slice(-large.length * 2);
    }
    for (let waitedMs = 0; waitedMs <= STALLED_MS + HEARTBEAT_MS; waitedMs += HEARTBEAT_MS) clock.advance(HEARTBEAT_MS);
    slow.socket.resume();
    await eventually('the end of the slow one', () => slow.ended);
    expect(quick.ended).toBe(false);
    // 200 × 100 kB were published; what the slow one got is what its and our socket held.
    expect(slow.events().length).toBeLessThan(150);
  });
});
