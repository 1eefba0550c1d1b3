/** What a user of the compose files does: from this machine with kafkajs and HTTP, in the containers with the tools. */
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { BrokerView, FaultsView } from '../../coordinator/schemas';
import { ask, type ComposeProject, type HttpAnswer, type Service } from './compose-project';
import { eventually } from './eventually';

const CONSUME_TIMEOUT_MS = 20_000;

export class ComposeUser {
  constructor(private readonly project: ComposeProject) {}

  /** Writes these values from this machine, and waits until all replicas in sync have them. */
  async produce(values: readonly string[], topic = 'orders'): Promise<void> {
    const producer = this.client('kafka').producer();
    await producer.connect();
    try {
      await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) });
    } finally {
      await producer.disconnect();
    }
  }

  /** All values of `orders`, sorted, once there are `count`; read from this machine with a group of its own. */
  async consume(group: string, count: number): Promise<string[]> {
    const consumer = this.client('kafka').consumer({ groupId: group });
    await consumer.connect();
    const values: string[] = [];
    try {
      await consumer.subscribe({ topic: 'orders', fromBeginning: true });
      await consumer.run({ eachMessage: async ({ message }) => void values.push(String(message.value)) });
      await eventually(`${count} records came`, () => values.length >= count, CONSUME_TIMEOUT_MS);
    } finally {
      await consumer.disconnect();
    }
    return values.sort();
  }

  /** What one broker tells this machine of the cluster. */
  async describeCluster(broker: Service): Promise<Awaited<ReturnType<Admin['describeCluster']>>> {
    const admin = this.client(broker).admin();
    await admin.connect();
    return admin.describeCluster().finally(() => admin.disconnect());
  }

  /** As the tool in the container `kafka` prints it. */
  async clusterId(server = 'localhost:9092'): Promise<string> {
    const command = ['kafka-cluster', 'cluster-id', '--bootstrap-server', server];
    return (await this.project.exec('kafka', ...command)).trim();
  }

  /** The rows of --describe that name a partition. */
  async partitionsOf(topic: string): Promise<string[]> {
    const command = ['kafka-topics', '--describe', '--topic', topic, '--bootstrap-server', 'localhost:9092'];
    return (await this.project.exec('kafka', ...command)).split('\n').filter((line) => /\tPartition: \d/.test(line));
  }

  /** Whether all three replicas of each partition are in the ISR. */
  async allInSync(topic: string): Promise<boolean> {
    return (await this.partitionsOf(topic)).every((row) => /Isr: (\d,){2}\d/.test(row));
  }

  /** From the coordinator's API; rejects for any status but 200. */
  async see<T>(path: string): Promise<T> {
    const { status, body } = await ask(this.project.ports.coordinator, path);
    if (status !== 200) throw new Error(`${path} was answered with ${status}: ${body}`);
    return JSON.parse(body) as T;
  }

  async makeFault(target: string, action: string): Promise<HttpAnswer> {
    return ask(this.project.ports.coordinator, '/api/faults', { token: await this.token(), post: { target, action } });
  }

  /** An action of the coordinator's API that needs no further words; rejects when it is refused. */
  async act<T>(path: string): Promise<T> {
    const { status, body } = await ask(this.project.ports.coordinator, path, { token: await this.token(), post: {} });
    if (status >= 300) throw new Error(`${path} was answered with ${status}: ${body}`);
    return JSON.parse(body) as T;
  }

  /** As somebody reads it who may use Docker. */
  private async token(): Promise<string> {
    return (await this.project.exec('coordinator', 'cat', '/var/lib/gregor/token')).trim();
  }

  async stateOfTarget(id: string): Promise<string | undefined> {
    return (await this.see<FaultsView>('/api/faults')).targets.find((target) => target.id === id)?.state;
  }

  async registeredBrokers(): Promise<number[]> {
    const { brokers } = await this.see<{ brokers: BrokerView[] }>('/api/brokers');
    return brokers
      .filter(({ registered }) => registered)
      .map(({ brokerId }) => brokerId)
      .sort();
  }

  private client(broker: Service): Kafka {
    const address = `localhost:${this.project.ports[broker]}`;
    return new Kafka({ clientId: 'host', brokers: [address], logLevel: logLevel.NOTHING });
  }
}
