/**
 * Which broker a session belonged to, learned from the registrations that it made. Bounded: of very many sessions the
 * oldest are forgotten.
 */
import type { ZnodeChange } from '../schemas';

const MOST_SESSIONS = 2_000;

export class SessionBrokers {
  private readonly brokers = new Map<string, number>();

  /** @param session hexadecimal, with or without 0x */
  brokerOf(session: string): number | null {
    return this.brokers.get(bare(session)) ?? null;
  }

  learn(path: string, kind: ZnodeChange['kind'], session: string | null): void {
    const match = kind === 'created' && session !== null ? /^\/brokers\/ids\/(\d{1,10})$/.exec(path) : null;
    if (match && session !== null) this.add(session, Number(match[1]));
  }

  add(session: string, brokerId: number): void {
    this.brokers.set(bare(session), brokerId);
    const [oldest] = this.brokers.keys();
    if (this.brokers.size > MOST_SESSIONS && oldest !== undefined) this.brokers.delete(oldest);
  }

  entries(): [string, number][] {
    return [...this.brokers];
  }
}

function bare(session: string): string {
  return session.startsWith('0x') ? session.slice(2) : session;
}
