/**
 * What the values of coordinator.properties must be together, and the values that are lists of pairs: checked at the start,
 * so that a slip is told in a sentence there and not found out when a fault or a page needs the value.
 */
import { ConfigException } from './config-exception';
import type { CoordinatorConfig } from './coordinator-keys';

/** `broker.http.listeners` by broker id. @throws ConfigException for an entry that is not `id=host:port` */
export function brokerHttpListeners(config: CoordinatorConfig): Map<number, { host: string; port: number }> {
  const key = 'broker.http.listeners';
  const listeners = new Map<number, { host: string; port: number }>();
  for (const entry of config[key]) {
    const match = /^(\d+)=(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]/=\s]+)):(\d{1,5})$/.exec(entry);
    const port = Number(match?.[4]);
    if (!match || port < 1 || port > 65_535) throw ConfigException.invalid(key, entry, 'an entry is id=host:port');
    const brokerId = Number(match[1]);
    if (listeners.has(brokerId)) throw ConfigException.invalid(key, entry, `broker ${brokerId} is named twice`);
    listeners.set(brokerId, { host: (match[2] ?? match[3]) as string, port });
  }
  return listeners;
}

/** `docker.containers` by process. @throws ConfigException for an entry that is not `zookeeper=name` or `id=name` */
export function dockerContainers(config: CoordinatorConfig): Map<number | 'zookeeper', string> {
  const key = 'docker.containers';
  const containers = new Map<number | 'zookeeper', string>();
  for (const entry of config[key]) {
    const match = /^(zookeeper|\d+)=([a-zA-Z0-9][a-zA-Z0-9_.-]*)$/.exec(entry);
    if (!match) throw ConfigException.invalid(key, entry, 'an entry is zookeeper=container or <broker id>=container');
    const name = match[1] === 'zookeeper' ? 'zookeeper' : Number(match[1]);
    if (containers.has(name)) throw ConfigException.invalid(key, entry, `${match[1]} is named twice`);
    containers.set(name, match[2] as string);
  }
  return containers;
}

/** @throws ConfigException naming the keys that contradict each other */
export function checkCoordinatorConfig(config: CoordinatorConfig): void {
  brokerHttpListeners(config);
  const containers = dockerContainers(config);
  const faults = config['faults.enabled'];
  const control = config['faults.control'];
  const refuse = (text: string): never => {
    throw new ConfigException(text);
  };
  if (config['http.host'] === '') refuse('http.host must not be empty; 0.0.0.0 stands for all addresses');
  if (faults && control === 'none') refuse('faults.enabled=true needs faults.control: supervisor or docker');
  if (faults && !config['actions.enabled']) refuse('faults.enabled=true contradicts actions.enabled=false');
  if (faults && control === 'docker' && containers.size === 0) {
    refuse('faults.control=docker needs docker.containers: only containers that are named there are ever touched');
  }
  if (config['recorder.segment.bytes'] > config['recorder.max.bytes']) {
    refuse('recorder.segment.bytes must not be more than recorder.max.bytes');
  }
  // The value is not told: it is a secret also when it is wrong.
  if (!/^[\x21-\x7e]*$/.test(config['actions.token'])) {
    refuse('actions.token may hold visible ASCII characters only, since it is sent in a header');
  }
}
