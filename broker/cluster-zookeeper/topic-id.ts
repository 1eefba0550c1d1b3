/** Topic ids in their text form, 22 characters of base64url. */
import type { Random } from '../../runtime/random';

/** Ids with a meaning of their own: "none" and the metadata topic of KRaft. */
const RESERVED = new Set(['AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAQ']);

/** A fresh id; never a reserved one, nor one that a command line would take for an option (Uuid.randomUuid). */
export function uuidText(random: Random): string {
  for (;;) {
    const text = random.uuidBytes().toString('base64url');
    if (!RESERVED.has(text) && !text.startsWith('-')) return text;
  }
}
