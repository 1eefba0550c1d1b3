/** What the values of kafka-producer-perf-test's records are: random letters, lines of a file, or numbers that grow. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Random } from '../../runtime/random';
import { CommandError } from '../command';

/** Gives the value of record number `index`. */
export type PayloadSource = (index: number) => Buffer;

const FIRST_LETTER = 65;
const LETTERS = 26;

/** Random capital letters, as many as asked for. A generator of its own: it runs for every byte sent. */
export function randomPayloads(bytes: number): PayloadSource {
  let state = 0x9e3779b9;
  return () => {
    const payload = Buffer.allocUnsafe(bytes);
    for (let at = 0; at < bytes; at += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      payload[at] = FIRST_LETTER + (((state >>> 16) * LETTERS) >>> 16);
    }
    return payload;
  };
}

export const monotonicPayloads: PayloadSource = (index) => Buffer.from(String(index));

/** Pieces of a file, chosen at random. @throws CommandError when there is nothing in it */
export async function filePayloads(
  file: string,
  delimiter: string,
  random: Random,
  print: (line: string) => void,
): Promise<PayloadSource> {
  print(`Reading payloads from: ${resolve(file)}`);
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text === '') throw new CommandError('File does not exist or empty file provided.');
  const pieces = text.split(delimiter);
  // As Java's split does: empty pieces at the end are no pieces.
  while (pieces.length > 1 && pieces.at(-1) === '') pieces.pop();
  const payloads = pieces.map((piece) => Buffer.from(piece));
  print(`Number of messages read: ${payloads.length}`);
  return () => payloads[random.below(payloads.length)] as Buffer;
}
