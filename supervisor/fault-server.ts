/** Answers the coordinator's questions about faults on purpose, which come over its channel. */
import type { FaultQuestion, FaultReply } from '../coordinator/faults/supervisor-protocol';
import type { FaultTarget } from '../coordinator/schemas';
import type { ClusterFaults } from './cluster-faults';

/** Null for what is no question, e.g. a report of something else. */
export async function answerFaultQuestion(
  value: unknown,
  faults: Pick<ClusterFaults, 'targets' | 'perform'>,
): Promise<FaultReply | null> {
  const question = value as FaultQuestion | null;
  if (typeof question !== 'object' || question === null || typeof question.id !== 'number') return null;
  const reply = (failure: string | null, targets: FaultTarget[] = []): FaultReply => {
    return { kind: 'fault-reply', id: question.id, failure, targets };
  };
  try {
    if (question.kind === 'fault-targets') return reply(null, faults.targets());
    if (question.kind !== 'fault-perform') return null;
    await faults.perform(question.target, question.action);
    return reply(null);
  } catch (error) {
    return reply((error as Error).message);
  }
}
