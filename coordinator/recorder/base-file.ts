/**
 * A base: the tree as it stood before the first change of a segment, one line per node, and in the last line what else has
 * to be known of the time before: {"end":nodes,"sessions":[[session, broker id]…],"newest":[zxid, time]}
 */
import type { Clock } from '../../runtime/clock';
import type { Disk } from '../../runtime/disk';
import { Turn } from '../../runtime/turn';
import { decodeNode, encodeNode } from './line-codec';
import { readLines } from './line-file';
import type { RecordedNode } from './recorded-change';

/** The newest change of a history. */
export interface LogEnd {
  zxid: bigint | null;
  timeMs: number;
}

export interface BaseEnd {
  /** Which broker a session belonged to. */
  sessions: [string, number][];
  /** The change before; null when there is none. */
  newest: LogEnd | null;
}

interface LastLine {
  end: number;
  sessions: [string, number][];
  newest: [string | null, number] | null;
}

const LAST_LINE = '{"end":';

/** Writes beside the file, in turns, and renames: a base that is there is whole. Gives its bytes. */
export async function writeBaseFile(
  disk: Disk,
  clock: Clock,
  path: string,
  nodes: readonly RecordedNode[],
  { sessions, newest }: BaseEnd,
): Promise<number> {
  const temporary = `${path}.tmp`;
  const file = disk.open(temporary, { create: true });
  const turn = new Turn(clock);
  let bytes = 0;
  let lines: string[] = [];
  const flush = (): void => {
    const piece = Buffer.from(lines.join(''));
    file.writeSync(piece, bytes);
    bytes += piece.length;
    lines = [];
  };
  try {
    file.truncateSync(0);
    for (const node of nodes) {
      lines.push(`${encodeNode(node)}\n`);
      if (!turn.isOver) continue;
      flush();
      await turn.next();
    }
    const end: LastLine['newest'] = newest && [newest.zxid?.toString(16) ?? null, newest.timeMs];
    lines.push(`${JSON.stringify({ end: nodes.length, sessions, newest: end } satisfies LastLine)}\n`);
    flush();
  } finally {
    file.close();
  }
  disk.rename(temporary, path);
  return bytes;
}

/**
 * Calls `onNode` for each node whose line is wanted.
 * @throws SyntaxError for a file that is damaged
 */
export async function readBaseFile(
  disk: Disk,
  clock: Clock,
  path: string,
  onNode: (node: RecordedNode) => void,
  isWanted: (line: Buffer) => boolean = () => true,
): Promise<BaseEnd> {
  let end: BaseEnd = { sessions: [], newest: null };
  await readLines(disk, clock, { path, fromOffset: 0, toOffset: Infinity }, (line) => {
    if (line.subarray(0, LAST_LINE.length).toString() === LAST_LINE)
      end = endOf(JSON.parse(line.toString()) as LastLine);
    else if (isWanted(line)) onNode(decodeNode(line.toString()));
  });
  return end;
}

function endOf({ sessions, newest }: LastLine): BaseEnd {
  if (!newest) return { sessions, newest: null };
  const [zxid, timeMs] = newest;
  return { sessions, newest: { zxid: zxid === null ? null : BigInt(`0x${zxid}`), timeMs } };
}
