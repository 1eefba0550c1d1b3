import { createServer } from 'node:net';
import { ConnectionError } from '../../../../../client';
import { isRefusal, refusesAll } from '../../../../../broker/cluster-zookeeper/fast-fence/refusals';
import { systemClock } from '../../../../../runtime/clock';
import { freePorts } from '../../../../../supervisor/ports';

const never = new AbortController().signal;
const coded = (code: string): Error => Object.assign(new Error(code), { code });

describe('signs of death', () => {
  it('are refused connections only', () => {
    expect(isRefusal(new ConnectionError('x', { cause: coded('ECONNREFUSED') }))).toBe(true);
    for (const code of ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'ECONNRESET']) {
      expect(isRefusal(new ConnectionError('x', { cause: coded(code) }))).toBe(false);
    }
    expect(isRefusal(new ConnectionError('cannot connect within 1000 ms'))).toBe(false);
  });

  it('need every address that a name stands for to refuse', () => {
    const both = (one: string, other: string): ConnectionError =>
      new ConnectionError('x', { cause: new AggregateError([coded(one), coded(other)]) });
    expect(isRefusal(both('ECONNREFUSED', 'ECONNREFUSED'))).toBe(true);
    expect(isRefusal(both('ECONNREFUSED', 'ETIMEDOUT'))).toBe(false);
  });

  it('are seen at a port where nobody listens, after 300 ms at the earliest', async () => {
    const [port] = (await freePorts(1)) as [number];
    const startMs = systemClock.monotonicMs();
    let first = 0;
    expect(await refusesAll([{ host: '127.0.0.1', port }], systemClock, never, () => first++)).toBe(true);
    expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(295);
    expect(first).toBe(1);
  });

  it('are not seen where somebody listens but never answers, or at one of two endpoints only', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const [closed] = (await freePorts(1)) as [number];
    const open = { host: '127.0.0.1', port };
    expect(await refusesAll([open], systemClock, never)).toBe(false);
    expect(await refusesAll([{ host: '127.0.0.1', port: closed }, open], systemClock, never)).toBe(false);
    expect(await refusesAll([], systemClock, never)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
  });
});
