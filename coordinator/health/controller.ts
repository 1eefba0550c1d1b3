/** Judges the controller: is there one, is it a registered broker, does it answer? */
import type { Verdict } from '../schemas';
import { reason } from './reasons';
import { judge } from './verdict';

export interface ControllerFacts {
  /** Whether ZooKeeper has been read at all. */
  readonly ready: boolean;
  readonly brokerId: number | null;
  readonly registered: boolean;
  /** Whether it answered when it was asked last, or has had no time to yet. */
  readonly answers: boolean;
}

/** @returns unhealthy without a controller that works, unknown before ZooKeeper was read */
export function judgeController({ ready, brokerId: id, registered, answers }: ControllerFacts): Verdict {
  const subject = { kind: 'controller', id: id === null ? '' : String(id) } as const;
  if (!ready) return judge([reason('NOT_READ_YET', subject, {})]);
  if (id === null) return judge([reason('NO_CONTROLLER', subject, {})]);
  const reasons = [];
  if (!registered) reasons.push(reason('CONTROLLER_NOT_REGISTERED', subject, { id }));
  if (!answers) reasons.push(reason('CONTROLLER_DOES_NOT_ANSWER', subject, { id }));
  return judge(reasons);
}
