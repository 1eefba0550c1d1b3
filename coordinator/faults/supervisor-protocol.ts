/**
 * What the coordinator and the process that runs its cluster (supervisor/, `npm start`) say to each other about faults on
 * purpose, over the channel that Node opens to a child. Types only; questions come from the coordinator alone.
 */
import type { FaultAction, FaultTarget } from '../schemas';

export type FaultQuestion =
  { kind: 'fault-targets'; id: number } | { kind: 'fault-perform'; id: number; target: string; action: FaultAction };

/** To the question with the same number. */
export interface FaultReply {
  kind: 'fault-reply';
  id: number;
  /** Null when it was carried out. */
  failure: string | null;
  /** To `fault-targets`; empty otherwise. */
  targets: FaultTarget[];
}
