/**
 * Answers to what comes over a connection and is no request that could be handed on: too long, too slow, or no HTTP. Node
 * would answer with a status and nothing else; here it is told as every other error is.
 */
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorAnswer } from '../schemas';
import { ApiError } from './api-error';
import { PROTECTIVE_HEADERS } from './guards';

export interface Bounds {
  headerBytes: number;
  headersMs: number;
  requestMs: number;
}

/** @param code of Node's error: of its HTTP parser (HPE_…), or of its watch over slow clients */
export function unreadable(code: string | undefined, bounds: Bounds): ApiError {
  const { headerBytes, headersMs, requestMs } = bounds;
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError(431, 'HEADERS_TOO_LARGE', `Address and headers may have ${headerBytes} bytes together`);
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new ApiError(413, 'BODY_TOO_LARGE', 'The extensions of a chunk of the body are too long');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError(
        408,
        'REQUEST_TOO_SLOW',
        `The headers of a request must arrive within ${headersMs / 1000} s, all of it within ${requestMs / 1000} s`,
      );
    default:
      return new ApiError(400, 'INVALID_REQUEST', 'The request cannot be read: it is no HTTP');
  }
}

function textOf({ status, code, message }: ApiError): string {
  const answer: ErrorAnswer = { error: code, message };
  const body = JSON.stringify(answer);
  const headers = {
    ...PROTECTIVE_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}

/** Each ends its connection: where the next request would begin is not known. */
export function answerUnreadable(server: Server, bounds: Bounds): void {
  const underWay = new WeakMap<Duplex, number>();
  const count = (socket: Duplex, change: number): void =>
    void underWay.set(socket, (underWay.get(socket) ?? 0) + change);
  server.on('request', ({ socket }, response: ServerResponse) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // In the middle of another answer, e.g. of a live stream, this one would be taken for a part of it.
    const mayAnswer = socket.writable && error.code !== 'ECONNRESET' && (underWay.get(socket) ?? 0) === 0;
    if (mayAnswer) socket.end(textOf(unreadable(error.code, bounds)), () => socket.destroy());
    else socket.destroy();
  });
}
