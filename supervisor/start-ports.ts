/** The ports that `npm start` takes, and whether they are free. */
import { portIsFree } from './ports';

const ZOOKEEPER_PORT = 2181;
const BROKER_PORTS = [9092, 9093, 9094];
const HTTP_PORTS = [9192, 9193, 9194];
const COORDINATOR_PORT = 8080;
const HIGHEST_PORT = 65_535;

export interface Ports {
  zookeeper: number;
  brokers: readonly number[];
  /** Of the brokers' HTTP listeners. */
  http: readonly number[];
  coordinator: number;
}

/** The highest number that may be added to all ports. */
export const highestOffset = HIGHEST_PORT - Math.max(...HTTP_PORTS);

export function portsAt(offset: number): Ports {
  const shift = (port: number): number => port + offset;
  return {
    zookeeper: shift(ZOOKEEPER_PORT),
    brokers: BROKER_PORTS.map(shift),
    http: HTTP_PORTS.map(shift),
    coordinator: shift(COORDINATOR_PORT),
  };
}

/** Null when all are free; else one line that says which are not, and what to do. */
export async function whyPortsAreBusy(ports: Ports): Promise<string | null> {
  const uses = [
    [ports.zookeeper, 'ZooKeeper'] as const,
    ...ports.brokers.map((port, id) => [port, `broker ${id}`] as const),
    ...ports.http.map((port, id) => [port, `the metrics of broker ${id}`] as const),
    [ports.coordinator, 'the dashboard'] as const,
  ];
  const busy: string[] = [];
  for (const [port, use] of uses) if (!(await portIsFree(port))) busy.push(`${port} (for ${use})`);
  if (busy.length === 0) return null;
  const taken = busy.length === 1 ? 'Port' : 'Ports';
  const verb = busy.length === 1 ? 'is' : 'are';
  const advice = 'stop that (see: ss -ltnp), or use others: npm start -- --port-offset 1000';
  return `${taken} ${busy.join(', ')} ${verb} taken by another program; ${advice}`;
}
