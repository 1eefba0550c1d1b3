/** Stopping and starting brokers on purpose, with what the faults of this service allow. */
import type { Faults } from '../../parts';
import type { FaultAction } from '../../schemas';

/** @throws ApiError as Faults.perform, and Error when the fault could not be made */
export async function breakOnPurpose(faults: Faults, brokerId: number, action: FaultAction): Promise<void> {
  const { error } = await faults.perform(targetOf(brokerId), action);
  if (error !== null) throw new Error(`Could not ${action} broker ${brokerId}: ${error}`);
}

/** Starts a broker, or lets it go on that was paused, unless it runs or is starting already. */
export async function startAgain(faults: Faults, brokerId: number): Promise<void> {
  const { targets } = await faults.view();
  const target = targets.find(({ id }) => id === targetOf(brokerId));
  if (target?.state === 'running' || target?.state === 'starting') return;
  const action = (['start', 'resume', 'restart'] as const).find((each) => target?.actions.includes(each));
  await breakOnPurpose(faults, brokerId, action ?? 'start');
}

/** As the faults name it (FaultTarget). */
function targetOf(brokerId: number): string {
  return `broker-${brokerId}`;
}
