/** Which changes of znodes are news of the cluster itself: of a broker, the controller, a partition, a topic. Pure. */
import type { LiveEvent, ZnodeChange } from '../schemas';

export interface DerivedEvent {
  type: Extract<LiveEvent['type'], 'broker' | 'controller' | 'partition' | 'topic'>;
  subject: string;
}

/** Null for a change that says nothing beyond itself. */
export function derivedEvent({ path, after, before }: ZnodeChange): DerivedEvent | null {
  const broker = /^\/brokers\/ids\/(\d+)$/.exec(path);
  if (broker) return { type: 'broker', subject: broker[1] as string };
  if (path === '/controller') return { type: 'controller', subject: controllerIn(after?.text ?? before?.text) };
  const partition = /^\/brokers\/topics\/([^/]+)\/partitions\/(\d+)\/state$/.exec(path);
  if (partition) return { type: 'partition', subject: `${partition[1]}-${partition[2]}` };
  const topic = /^\/(?:brokers\/topics|admin\/delete_topics|config\/topics)\/([^/]+)$/.exec(path);
  return topic ? { type: 'topic', subject: topic[1] as string } : null;
}

function controllerIn(text: string | undefined): string {
  return /"brokerid"\s*:\s*(\d+)/.exec(text ?? '')?.[1] ?? 'controller';
}
