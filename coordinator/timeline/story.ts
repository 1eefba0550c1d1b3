/**
 * Changes of znodes as a story: what follows closely and means the same becomes one entry ("33 znodes were created"). Owns the
 * entries, and is bounded: of a long life only the newest are kept, those of starts and elections longer than others.
 */
import type { ZnodeChange } from '../schemas';
import { chapterOf, type Chapter } from './chapters';

export interface StoryEntry {
  readonly chapter: Chapter;
  /** Whose doing; null where it is not known. */
  readonly session: string | null;
  /** Set at once where the path tells it: /brokers/ids/<id>. */
  readonly brokerId: number | null;
  readonly atMs: number;
  lastMs: number;
  count: number;
  readonly firstZxid: string | null;
  lastZxid: string | null;
  /** Sentences of the first few. */
  readonly texts: string[];
  readonly timeFrom: ZnodeChange['timeFrom'];
}

const MOST_TEXTS = 4;
/** What comes later than this after the last of its kind is an entry of its own. */
const TOGETHER_MS = 1_000;
const MOST_KEPT = { always: 2_000, near: 2_000 } as const;
/** Of an entry that others may still be added to. */
const MOST_OPEN = 200;

export class Story {
  private readonly kept: Record<'always' | 'near', StoryEntry[]> = { always: [], near: [] };
  private open = new Map<string, StoryEntry>();
  private readonly owners = new Map<string, number | 'coordinator'>();

  /** All entries, by time. */
  entries(): readonly StoryEntry[] {
    return [...this.kept.always, ...this.kept.near].sort((one, other) => one.atMs - other.atMs);
  }

  /** Which broker a session belonged to, as far as its registration told; or the coordinator. */
  ownerOf(session: string): number | 'coordinator' | null {
    return this.owners.get(session) ?? null;
  }

  clear(): void {
    this.kept.always = [];
    this.kept.near = [];
    this.open.clear();
  }

  /** In the order of the recorder. */
  add(change: ZnodeChange): void {
    this.learn(change);
    const found = chapterOf(change);
    if (!found) return;
    const { chapter, brokerId } = found;
    const key = `${chapter.name} ${brokerId ?? ''} ${change.session ?? ''}`;
    const open = this.open.get(key);
    if (open && chapter.together && change.timeMs - open.lastMs <= TOGETHER_MS) {
      open.lastMs = Math.max(open.lastMs, change.timeMs);
      open.lastZxid = change.zxid ?? open.lastZxid;
      open.count++;
      if (open.texts.length < MOST_TEXTS) open.texts.push(change.text);
      return;
    }
    this.begin(key, change, chapter, brokerId);
  }

  private begin(key: string, change: ZnodeChange, chapter: Chapter, brokerId: number | null): void {
    const entry: StoryEntry = {
      chapter,
      session: change.session,
      brokerId,
      atMs: change.timeMs,
      lastMs: change.timeMs,
      count: 1,
      firstZxid: change.zxid,
      lastZxid: change.zxid,
      texts: [change.text],
      timeFrom: change.timeFrom,
    };
    const list = this.kept[chapter.weight];
    list.push(entry);
    // By the half, so that it costs little per change.
    if (list.length > MOST_KEPT[chapter.weight]) list.splice(0, list.length / 2);
    if (this.open.size >= MOST_OPEN) this.open.clear();
    this.open.set(key, entry);
  }

  private learn({ path, kind, session, owner }: ZnodeChange): void {
    if (session === null) return;
    const match = kind === 'created' ? /^\/brokers\/ids\/(\d+)$/.exec(path) : null;
    const whose = match ? Number(match[1]) : owner?.kind === 'coordinator' ? 'coordinator' : (owner?.brokerId ?? null);
    if (whose === null) return;
    this.owners.set(session, whose);
    const [oldest] = this.owners.keys();
    if (this.owners.size > MOST_KEPT.always && oldest !== undefined) this.owners.delete(oldest);
  }
}
