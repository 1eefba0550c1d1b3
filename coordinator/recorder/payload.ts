/**
 * A znode's data as people may see it: text where it is UTF-8, shortened where it is long, and without what is secret.
 * ZooKeeper gives secrets to whoever may read it; the coordinator neither shows nor keeps them.
 */
import { isUtf8 } from 'node:buffer';
import type { Payload } from '../schemas';

export const HIDDEN = '(hidden)';

/** Places whose JSON may hold a secret. */
const SECRET_PLACES = /^\/(gregor\/sessions|config|delegation_token)\//;
const SECRET_KEYS = /password|secret|hmac|scram|jaas|credential|^ssl\..*\.key$/i;

/** @param mostBytes of the payload that `text` shows */
export function payloadOf(data: Buffer, mostBytes: number): Payload {
  const truncated = data.length > mostBytes;
  const shown = truncated ? beginning(data, mostBytes) : data;
  const encoding = isUtf8(shown) ? 'utf8' : 'base64';
  return { encoding, text: shown.toString(encoding), bytes: data.length, truncated };
}

/** What a znode's data is, with each secret replaced by `(hidden)`; the very same buffer where there is none. */
export function withoutSecrets(path: string, data: Buffer | null): Buffer | null {
  if (data === null || !SECRET_PLACES.test(path)) return data;
  let hidden = false;
  let value: unknown;
  try {
    value = JSON.parse(data.toString(), (key, item: unknown) => {
      if (typeof item !== 'string' || !SECRET_KEYS.test(key)) return item;
      hidden = true;
      return HIDDEN;
    });
  } catch {
    return data;
  }
  return hidden ? Buffer.from(JSON.stringify(value)) : data;
}

/** Cut where no character is cut in two. */
function beginning(data: Buffer, mostBytes: number): Buffer {
  let end = mostBytes;
  while (end > mostBytes - 4 && end > 0 && ((data[end] as number) & 0xc0) === 0x80) end--;
  const cut = data.subarray(0, end);
  return isUtf8(cut) ? cut : data.subarray(0, mostBytes);
}
