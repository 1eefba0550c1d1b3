/** What is answered to bytes that are no request, by a server with nothing behind it. */
import { connect } from 'node:net';
import { unreadable } from '../../../../coordinator/http/unreadable-requests';
import { type FakeCoordinator, startFakeCoordinator } from '../../../support/coordinator/fake-parts';

let coordinator: FakeCoordinator;

beforeEach(async () => {
  coordinator = await startFakeCoordinator();
});

afterEach(() => coordinator.close());

/** All that comes back until the connection ends. @param later sent once the first answer has begun */
function answerTo(text: string, later?: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(coordinator.server.port, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => {
      if (answer === '' && later !== undefined) socket.write(later);
      answer += data;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}

const statusOf = (answer: string): number => Number(answer.split(' ')[1]);
const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

describe('what is no request', () => {
  it.each([
    ['a long address', `GET /?${'x'.repeat(33_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    [
      'a long header',
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(33_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    ['no HTTP', 'good morning\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['no name of a host', 'GET /api/cluster HTTP/1.1\r\nConnection: close\r\n\r\n', 421, 'HOST_NOT_ALLOWED'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'INVALID_REQUEST',
    ],
  ])('is told so in words, as every error is: %s', async (_what, text, status, code) => {
    const answer = await answerTo(text);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([status, { error: code, message: expect.any(String) }]);
    expect(answer).toMatch(/\r\ncontent-type: application\/json; charset=utf-8\r\n/i);
    expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
    expect(answer).toMatch(/\r\ncontent-security-policy: default-src 'none'/i);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  });

  it('ends a live stream without a second answer in the middle of it', async () => {
    const answer = await answerTo('GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n', 'good morning\r\n\r\n');
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('gets its answer after that of a request that was one', async () => {
    const answer = await answerTo('GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n', 'good morning\r\n\r\n');
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['503', '400']);
  });

  it('is told how long a request may take, when it took longer', () => {
    const error = unreadable('ERR_HTTP_REQUEST_TIMEOUT', { headerBytes: 1, headersMs: 10_000, requestMs: 20_000 });
    expect(error).toMatchObject({
      status: 408,
      code: 'REQUEST_TOO_SLOW',
      message: expect.stringMatching(/10 s.* 20 s/),
    });
  });
});
