/**
 * A fault that an earlier run of the coordinator made. What followed while nobody watched is not known and is not made up: it is
 * over when what it was made on is as it was. Owns what is shown of it.
 */
import type { Fault } from '../schemas';
import { isAsItWas, type TargetState } from './targets';

const UNWATCHED = 'Seen as it was again; what followed while the coordinator was not running is not known';

export class KeptFault {
  constructor(private fault: Fault) {}

  get open(): boolean {
    return this.fault.endedAtMs === null;
  }

  view(): Fault {
    return this.fault;
  }

  /** True when this call ended it. */
  targetIs(state: TargetState, nowMs: number): boolean {
    if (!this.open || !isAsItWas(state)) return false;
    const { startedAtMs, consequences } = this.fault;
    const seen = { kind: 'unwatched', atMs: nowMs, afterMs: Math.max(0, nowMs - startedAtMs), text: UNWATCHED };
    this.fault = { ...this.fault, endedAtMs: nowMs, consequences: [...consequences, seen] };
    return true;
  }
}
