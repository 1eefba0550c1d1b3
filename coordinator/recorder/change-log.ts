/**
 * The recorder's memory on disk: a row of segments, each a file of changes with a base snapshot of the tree as it stood
 * before the first of them; the oldest go when the whole is larger than allowed.
 *
 *     <first sequence>.changes   lines, see line-codec.ts
 *     <first sequence>.base      see base-file.ts
 *     identity.json              whose history this is
 *
 * Appends are synchronous, as for any log here (docs/decisions/0003-synchronous-appends.md). A base is written beside the
 * appends; until it is there its segment is rebuilt from the one before, which is kept so long. A line that a crash tore,
 * and with it the transaction that it belongs to, is cut off when the log is opened.
 *
 * Owns the files, the tree of the present and who owned which session.
 */
import { join } from 'node:path';
import type { Clock } from '../../runtime/clock';
import { isDiskError, type Disk, type DiskFile } from '../../runtime/disk';
import type { Logger } from '../../runtime/logger';
import { readBaseFile, writeBaseFile, type BaseEnd, type LogEnd } from './base-file';
import { decodeLine, encodeGap } from './line-codec';
import { readLines } from './line-file';
import type { RecordedChange, RecordedGap, RecordedNode } from './recorded-change';
import { RecordedTree } from './recorded-tree';
import { SessionBrokers } from './session-brokers';

export interface ChangeLogOptions {
  disk: Disk;
  clock: Clock;
  logger: Logger;
  directory: string;
  maxBytes: number;
  segmentBytes: number;
}

/** What must be the same for a history to go on. */
export interface LogIdentity {
  clusterId: string | null;
  /** '' for none. */
  chroot: string;
}

export interface Segment {
  readonly firstSequence: number;
  readonly path: string;
  readonly basePath: string;
  bytes: number;
  /** Null until the base is there. */
  baseBytes: number | null;
  /** Where some of the changes stand, by rising sequence. */
  readonly marks: { sequence: number; offset: number }[];
}

const IDENTITY_FILE = 'identity.json';
const BYTES_BETWEEN_MARKS = 65_536;
const DIGITS = 16;

export class ChangeLog {
  readonly tree = new RecordedTree();
  readonly sessions = new SessionBrokers();
  /** Changed by begin() and by what is learned of the cluster. */
  identity: LogIdentity | null = null;
  end: LogEnd | null = null;
  private readonly all: Segment[] = [];
  private active: DiskFile | null = null;
  private last = 0;
  private writingBase: Promise<void> = Promise.resolve();
  private closed = false;

  private constructor(private readonly options: ChangeLogOptions) {}

  /** Opens what is there. Without an identity afterwards there is nothing that can be gone on with: begin() comes next. */
  static async open(options: ChangeLogOptions): Promise<ChangeLog> {
    const log = new ChangeLog(options);
    options.disk.makeDirectory(options.directory);
    await log.recover();
    return log;
  }

  /** The oldest first. */
  get segments(): readonly Segment[] {
    return this.all;
  }

  /** Of the newest change; that before the first one when there is none. */
  get lastSequence(): number {
    return this.last;
  }

  /** Null when nothing is kept. */
  get firstSequence(): number | null {
    const first = this.all[0]?.firstSequence;
    return first !== undefined && first <= this.last ? first : null;
  }

  get bytes(): number {
    return this.all.reduce((sum, { bytes, baseBytes }) => sum + bytes + (baseBytes ?? 0), 0);
  }

  /**
   * Throws away what is there and begins anew, with the tree as it stands before the first change.
   * @param end the newest change that is in that tree already, where it is known
   */
  async begin(identity: LogIdentity, nodes: readonly RecordedNode[], end: LogEnd | null = null): Promise<void> {
    await this.writingBase;
    const { disk, directory } = this.options;
    this.active?.close();
    this.active = null;
    for (const segment of this.all.splice(0)) this.removeFiles(segment);
    for (const node of this.tree.snapshot())
      this.tree.apply({ kind: 'deleted', path: node.path, after: null, parent: null });
    this.end = end;
    for (const node of nodes) this.tree.put(node);
    disk.removeFile(join(directory, IDENTITY_FILE));
    this.addSegment();
    await this.writeBase(this.all[0] as Segment, this.tree.snapshot(), this.baseEnd());
    this.setIdentity(identity);
  }

  setIdentity(identity: LogIdentity): void {
    this.identity = identity;
    this.options.disk.replaceFile(join(this.options.directory, IDENTITY_FILE), JSON.stringify(identity));
  }

  /**
   * Appends whole transactions that the tree has taken already.
   * @param changes numbered on from lastSequence
   * @param lines the same, as encodeChange has them
   */
  append(changes: readonly RecordedChange[], lines: readonly string[]): void {
    const newest = changes.at(-1);
    if (!newest) return;
    this.write(lines, changes);
    this.last = newest.sequence;
    this.end = { zxid: newest.zxid ?? this.end?.zxid ?? null, timeMs: newest.timeMs };
    this.rollWhenFull();
  }

  appendGap(gap: RecordedGap): void {
    this.write([encodeGap(gap)], []);
  }

  /** Resolves when a base that is being written is complete. */
  async settled(): Promise<void> {
    await this.writingBase;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.writingBase;
    this.active?.close();
    this.active = null;
  }

  private write(lines: readonly string[], changes: readonly RecordedChange[]): void {
    const segment = this.all.at(-1);
    if (!segment || !this.active) throw new Error('the change log has not begun');
    const texts = lines.map((line) => Buffer.from(`${line}\n`));
    this.active.writeSync(Buffer.concat(texts), segment.bytes);
    texts.forEach((text, index) => {
      const change = changes[index];
      if (change) mark(segment, change.sequence, segment.bytes);
      segment.bytes += text.length;
    });
  }

  private rollWhenFull(): void {
    const segment = this.all.at(-1) as Segment;
    const { segmentBytes, maxBytes } = this.options;
    // With many nodes a base is larger than a segment: without this the log would be made of bases.
    const base = this.all.findLast(({ baseBytes }) => baseBytes !== null)?.baseBytes ?? 0;
    const limit = Math.max(segmentBytes, Math.min(2 * base, maxBytes / 4));
    if (segment.bytes < limit || segment.baseBytes === null) return;
    this.active?.close();
    const next = this.addSegment();
    const nodes = this.tree.snapshot();
    const last = this.baseEnd();
    this.writingBase = this.writingBase
      .then(() => this.writeBase(next, nodes, last))
      .then(() => this.dropOldest())
      .catch((error: unknown) => this.options.logger.error(`The base ${next.basePath} could not be written`, error));
  }

  private addSegment(): Segment {
    const segment = segmentAt(this.options.directory, this.last + 1);
    this.active = this.options.disk.open(segment.path, { create: true });
    this.active.truncateSync(0);
    this.all.push(segment);
    return segment;
  }

  /** The present as a base for a segment: taken at once, written later. */
  private async writeBase(segment: Segment, nodes: readonly RecordedNode[], after: BaseEnd): Promise<void> {
    const { disk, clock } = this.options;
    segment.baseBytes = await writeBaseFile(disk, clock, segment.basePath, nodes, after);
  }

  private baseEnd(): BaseEnd {
    return { sessions: this.sessions.entries(), newest: this.end };
  }

  private dropOldest(): void {
    while (this.all.length > 1 && this.bytes > this.options.maxBytes && this.all[1]?.baseBytes !== null) {
      this.removeFiles(this.all.shift() as Segment);
    }
  }

  private removeFiles({ path, basePath }: Segment): void {
    this.options.disk.removeFile(path);
    this.options.disk.removeFile(basePath);
  }

  private async recover(): Promise<void> {
    const { disk, directory } = this.options;
    const names = disk.list(directory).map(({ name }) => name);
    for (const name of names) if (name.endsWith('.tmp')) disk.removeFile(join(directory, name));
    const found = names.filter((name) => /^\d{16}\.changes$/.test(name)).sort();
    for (const name of found) {
      const segment = segmentAt(directory, Number(name.slice(0, DIGITS)));
      segment.bytes = disk.stat(segment.path)?.sizeBytes ?? 0;
      segment.baseBytes = disk.stat(segment.basePath)?.sizeBytes ?? null;
      this.all.push(segment);
    }
    const base = this.all.findLastIndex(({ baseBytes }) => baseBytes !== null);
    const identity = readIdentity(disk, join(directory, IDENTITY_FILE));
    if (base === -1 || !identity) return;
    try {
      await this.rebuild(base);
      this.identity = identity;
    } catch (error) {
      if (isDiskError(error)) throw error;
      this.options.logger.warn(`The flight recorder's files in ${directory} are damaged; it begins anew`, error);
    }
  }

  private async rebuild(base: number): Promise<void> {
    const { disk, clock } = this.options;
    const first = this.all[base] as Segment;
    this.last = first.firstSequence - 1;
    this.end = await this.readBase(first, (node) => this.tree.put(node));
    for (const segment of this.all.slice(base)) {
      let wholeUntil = 0;
      let pending: { step: Parameters<RecordedTree['apply']>[0]; end: LogEnd; session: string | null }[] = [];
      const all = { path: segment.path, fromOffset: 0, toOffset: segment.bytes };
      await readLines(disk, clock, all, (line, offset) => {
        const stored = tryDecode(line);
        // Whatever follows a line that cannot be read has no place that is sure.
        if (!stored) return false;
        const next = offset + line.length + 1;
        if (stored.kind === 'gap') return void (wholeUntil = next);
        const { change, step, more, sequence } = stored;
        mark(segment, sequence, offset);
        const zxid = change.zxid === null ? (this.end?.zxid ?? null) : BigInt(change.zxid);
        pending.push({ step, end: { zxid, timeMs: change.timeMs }, session: change.session });
        if (more) return;
        for (const { step: whole, end, session } of pending) {
          this.tree.apply(whole);
          this.sessions.learn(whole.path, whole.kind, session);
          this.end = end;
        }
        pending = [];
        wholeUntil = next;
        this.last = sequence;
      });
      this.cut(segment, wholeUntil);
    }
    this.active = disk.open((this.all.at(-1) as Segment).path, { create: true });
  }

  private cut(segment: Segment, bytes: number): void {
    if (segment.bytes === bytes) return;
    const file = this.options.disk.open(segment.path, { create: false });
    file.truncateSync(bytes);
    file.close();
    this.options.logger.warn(`${segment.path} was torn; ${segment.bytes - bytes} bytes were cut off`);
    segment.bytes = bytes;
    while (segment.marks.length > 0 && (segment.marks.at(-1)?.offset ?? 0) >= bytes) segment.marks.pop();
  }

  /** Calls `onNode` for each node of a segment's base; gives the newest change before it. */
  async readBase(
    segment: Segment,
    onNode: (node: RecordedNode) => void,
    isWanted?: (line: Buffer) => boolean,
  ): Promise<LogEnd | null> {
    const { disk, clock } = this.options;
    const { sessions, newest } = await readBaseFile(disk, clock, segment.basePath, onNode, isWanted);
    for (const [session, brokerId] of sessions) this.sessions.add(session, brokerId);
    return newest;
  }

  /** Lines of a segment, from the last known place before `fromSequence` on. */
  async readChanges(segment: Segment, fromSequence: number, onLine: (line: Buffer) => boolean | void): Promise<void> {
    const { disk, clock } = this.options;
    // Earlier than the change itself: a gap may stand between it and the one before.
    const start = segment.marks.findLast(({ sequence }) => sequence < fromSequence);
    const range = { path: segment.path, fromOffset: start?.offset ?? 0, toOffset: segment.bytes };
    await readLines(disk, clock, range, onLine);
  }
}

function segmentAt(directory: string, firstSequence: number): Segment {
  const path = join(directory, String(firstSequence).padStart(DIGITS, '0'));
  return { firstSequence, path: `${path}.changes`, basePath: `${path}.base`, bytes: 0, baseBytes: null, marks: [] };
}

function mark(segment: Segment, sequence: number, offset: number): void {
  const newest = segment.marks.at(-1);
  if (!newest || offset - newest.offset >= BYTES_BETWEEN_MARKS) segment.marks.push({ sequence, offset });
}

function tryDecode(line: Buffer): ReturnType<typeof decodeLine> | null {
  try {
    return decodeLine(line.toString());
  } catch {
    return null;
  }
}

function readIdentity(disk: Disk, path: string): LogIdentity | null {
  const content = disk.readFile(path);
  if (!content) return null;
  try {
    const { clusterId, chroot } = JSON.parse(content.toString()) as Partial<LogIdentity>;
    return { clusterId: clusterId ?? null, chroot: chroot ?? '' };
  } catch {
    return null;
  }
}
