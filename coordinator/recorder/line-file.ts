/** Reads a file of lines from one position to another in pieces, so that memory and turns stay bounded. */
import type { Disk } from '../../runtime/disk';
import { Turn } from '../../runtime/turn';
import type { Clock } from '../../runtime/clock';

const PIECE_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

export interface LineRange {
  path: string;
  fromOffset: number;
  toOffset: number;
}

/**
 * Calls `onLine` for each whole line, without its line feed, until it answers false. A last line without a line feed is
 * left out. The buffer given is reused: who keeps a line copies it.
 * @returns the offset after the last whole line that was read
 */
export async function readLines(
  disk: Disk,
  clock: Clock,
  { path, fromOffset, toOffset }: LineRange,
  onLine: (line: Buffer, offset: number) => boolean | void,
): Promise<number> {
  const file = disk.openReadOnly(path);
  const turn = new Turn(clock);
  try {
    let piece = Buffer.allocUnsafe(PIECE_BYTES);
    let kept = 0;
    let offset = fromOffset;
    for (;;) {
      const wanted = Math.min(piece.length - kept, toOffset - offset - kept);
      const count = wanted > 0 ? await file.read(piece.subarray(kept, kept + wanted), offset + kept) : 0;
      const filled = kept + count;
      let start = 0;
      for (let end = piece.indexOf(NEWLINE); end !== -1 && end < filled; end = piece.indexOf(NEWLINE, start)) {
        const goOn = onLine(piece.subarray(start, end), offset + start);
        start = end + 1;
        if (goOn === false) return offset + start;
        if (turn.isOver) await turn.next();
      }
      offset += start;
      if (count === 0) return offset;
      kept = filled - start;
      // A line longer than the buffer: a payload may have a megabyte, and more as base64.
      if (start === 0 && kept === piece.length) piece = Buffer.concat([piece], piece.length * 2);
      else piece.copyWithin(0, start, filled);
    }
  } finally {
    file.close();
  }
}
