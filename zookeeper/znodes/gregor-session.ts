/**
 * `/gregor/sessions/<broker id>`, ephemeral; Gregor's own, unknown to Apache Kafka, which passes over it:
 * `{"version":1,"sessionId":"<16 hex digits>","password":"<base64>"}`, the ZooKeeper session of a broker. With it, whoever
 * knows that a broker is dead can close its session at once instead of waiting for its time-out.
 */
import { decodeJson, encodeJson, ZnodeFormatError } from './json';

export const GREGOR_SESSIONS_PATH = '/gregor/sessions';

export function gregorSessionPath(brokerId: number): string {
  return `${GREGOR_SESSIONS_PATH}/${brokerId}`;
}

export interface GregorSession {
  /** Eight bytes. */
  sessionId: Buffer;
  /** Sixteen bytes. */
  password: Buffer;
}

export function encodeGregorSession({ sessionId, password }: GregorSession): Buffer {
  return encodeJson({ version: 1, sessionId: sessionId.toString('hex'), password: password.toString('base64') });
}

export function decodeGregorSession(brokerId: number, data: Buffer | null): GregorSession {
  const what = gregorSessionPath(brokerId);
  const json = decodeJson(data, what);
  const sessionId = Buffer.from(json.string('sessionId'), 'hex');
  if (sessionId.length !== 8) throw new ZnodeFormatError(what, 'the session id has not eight bytes');
  return { sessionId, password: Buffer.from(json.string('password'), 'base64') };
}
