/** What can be seen of the compose files without an engine: keys that exist, variables that are documented, nothing open to the network. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { brokerKeys } from '../../../settings';
import { coordinatorKeys } from '../../../settings/coordinator';
import { keyOf } from '../../../supervisor/container-configuration';

const folder = join(__dirname, '..', '..', '..', 'compose');
const files = readdirSync(folder).filter((name) => /^compose.*\.yaml$/.test(name));
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');

interface Service {
  container_name?: string;
  environment?: Record<string, unknown>;
  ports?: string[];
  healthcheck?: object;
  depends_on?: Record<string, { condition: string }>;
}

const servicesOf = (file: string): [string, Service][] =>
  Object.entries((parse(textOf(file), { merge: true }) as { services: Record<string, Service> }).services);

const main = servicesOf('compose.yaml');

describe('the compose files', () => {
  it('are the cluster, one broker, Apache Kafka beside, faults, metrics', () => {
    const kinds = ['apache-kafka', 'faults', 'metrics', 'single'].map((kind) => `compose.${kind}.yaml`);
    expect(files.sort()).toEqual([...kinds, 'compose.yaml']);
  });

  it.each(files)('sets only keys that exist in %s', (file) => {
    const known = {
      KAFKA: [...brokerKeys.keys()],
      COORDINATOR: coordinatorKeys.map(({ name }): string => name),
    };
    const unknown = servicesOf(file).flatMap(([service, { environment = {} }]) =>
      Object.keys(environment)
        .filter((variable) => !variable.startsWith('GF_'))
        .filter((variable) => {
          const prefix = variable.startsWith('KAFKA') ? 'KAFKA' : 'COORDINATOR';
          const key = keyOf(variable, prefix);
          return key === null || !known[prefix].includes(key);
        })
        .map((variable) => `${service}: ${variable}`),
    );
    expect(unknown).toEqual([]);
  });

  it.each(files)('uses only variables that docs/compose.md explains in %s', (file) => {
    const page = readFileSync(join(folder, '..', 'docs', 'compose.md'), 'utf8');
    const used = [...textOf(file).matchAll(/\$\{(\w+)/g)].map(([, name]) => name as string);
    expect(used.filter((name) => !page.includes(`\`${name}`))).toEqual([]);
  });

  it('publishes to this machine alone unless told otherwise', () => {
    for (const [service, { ports = [] }] of files.flatMap(servicesOf)) {
      for (const port of ports)
        expect(`${service} ${port}`).toMatch(/ (127\.0\.0\.1|\$\{PUBLISH_ADDRESS:-127\.0\.0\.1\}):/);
    }
  });

  it('names each container as its service and watches its health', () => {
    for (const [name, service] of main) {
      expect(service).toMatchObject({ container_name: name, healthcheck: expect.anything() });
    }
  });

  it('starts whatever needs ZooKeeper when that serves, and lets nothing wait for the coordinator', () => {
    for (const [name, { depends_on: needs }] of main) {
      expect(needs).toEqual(name === 'zookeeper' ? undefined : { zookeeper: { condition: 'service_healthy' } });
    }
  });

  it('gives each broker its own id, its own names and the same rest', () => {
    const brokers = main.filter(([name]) => name.startsWith('kafka')).map(([, service]) => service.environment ?? {});
    expect(brokers.map(({ KAFKA_BROKER_ID: id }) => id)).toEqual([1, 2, 3]);
    const ofOne = ['KAFKA_BROKER_ID', 'KAFKA_ADVERTISED_LISTENERS'];
    const rests = brokers.map((keys) => Object.entries(keys).filter(([variable]) => !ofOne.includes(variable)));
    expect(rests[1]).toEqual(rests[0]);
    expect(rests[2]).toEqual(rests[0]);
  });
});
