/** For tests that feed nonsense to protocol/records: what may come of it. */
import { RecordsError } from '../../../../protocol/records';

/** Whether `act` works, or fails with the module's own error and no other. */
export function isRefusalOrNone(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch (error) {
    return error instanceof RecordsError;
  }
}
