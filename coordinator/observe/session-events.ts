/** Tells, as live events, how the coordinator's own ZooKeeper session fares: what is seen of the cluster hangs on it. */
import type { SessionInfo, SessionState } from '../../zookeeper';
import type { EventHub } from '../parts';
import { hexId } from './broker-view';

/** Null for states that come before anything was known, or after all has ended. */
function sentenceOf(state: SessionState, before: SessionState, sessionId: string | null): string | null {
  switch (state) {
    case 'connected':
      return before === 'disconnected'
        ? `The coordinator is connected to ZooKeeper again; its session ${sessionId} goes on.`
        : `The coordinator has opened the ZooKeeper session ${sessionId}.`;
    case 'disconnected':
      return `The coordinator has lost its connection to ZooKeeper; its session ${sessionId} lives on until its time-out.`;
    case 'expired':
      return `ZooKeeper has expired the coordinator’s session ${sessionId}: its watches are gone, everything is read again.`;
    default:
      return null;
  }
}

export function tellSessionEvents(session: SessionInfo, events: EventHub): void {
  let before: SessionState = session.state;
  session.onStateChange((state) => {
    const sessionId = hexId(session.sessionId);
    const text = sentenceOf(state, before, sessionId);
    before = state;
    if (text !== null) events.publish('zookeeper', null, text, { state, sessionId });
  });
}
