import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseProperties } from '../../../settings';
import { type CoordinatorConfig, coordinatorKeys, parseCoordinatorConfig } from '../../../settings/coordinator';
import { brokerHttpListeners, dockerContainers } from '../../../settings/coordinator-rules';

const parse = (values: Record<string, string> = {}): CoordinatorConfig =>
  parseCoordinatorConfig(new Map(Object.entries(values)));

const shipped = readFileSync(join(__dirname, '..', '..', '..', 'config', 'coordinator.properties'), 'utf8');

describe('the configuration of the coordinator', () => {
  it('has a default for every key', () => {
    expect(parse()).toMatchObject({
      'http.port': 8080,
      'http.host': '127.0.0.1',
      'faults.enabled': false,
      'docker.containers': [],
      'recorder.max.bytes': 67_108_864,
    });
  });

  it('takes config/coordinator.properties, which says what the defaults are', () => {
    expect(parseCoordinatorConfig(parseProperties(shipped))).toEqual(parse());
  });

  it('is explained key by key in config/coordinator.properties', () => {
    const named = [...shipped.matchAll(/^#?([a-z.]+)=/gm)].map(([, name]) => name);
    expect(named.toSorted()).toEqual(coordinatorKeys.map(({ name }) => name).toSorted());
  });

  it('can be used as it stands behind each # of config/coordinator.properties', () => {
    const all = parseProperties(shipped.replaceAll(/^#([a-z.]+=)/gm, '$1'));
    expect(() => parseCoordinatorConfig(all)).not.toThrow();
  });

  it('tells by broker id where the brokers’ HTTP listeners are', () => {
    const config = parse({ 'broker.http.listeners': '0=127.0.0.1:9192, 12=[::1]:80' });
    expect([...brokerHttpListeners(config)]).toEqual([
      [0, { host: '127.0.0.1', port: 9192 }],
      [12, { host: '::1', port: 80 }],
    ]);
  });

  it('tells by process which containers may be touched', () => {
    const config = parse({ 'docker.containers': 'zookeeper=zk_1,0=kafka' });
    expect([...dockerContainers(config)]).toEqual([
      ['zookeeper', 'zk_1'],
      [0, 'kafka'],
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['a key that is not known', { 'action.enabled': 'false' }, 'action.enabled: there is no such key'],
    ['a value of the wrong type', { 'http.port': 'many' }, 'http.port'],
    ['a port that does not exist', { 'http.port': '65536' }, 'http.port'],
    ['an empty http.host', { 'http.host': '' }, 'http.host must not be empty'],
    ['faults that nothing makes', { 'faults.enabled': 'true' }, 'faults.enabled=true needs faults.control'],
    [
      'faults without actions',
      { 'faults.enabled': 'true', 'faults.control': 'supervisor', 'actions.enabled': 'false' },
      'contradicts actions.enabled=false',
    ],
    [
      'faults in containers that nobody has named',
      { 'faults.enabled': 'true', 'faults.control': 'docker' },
      'needs docker.containers',
    ],
    ['a container for nothing', { 'docker.containers': 'kafka' }, 'zookeeper=container or <broker id>=container'],
    ['a container’s name with a path in it', { 'docker.containers': '0=../kafka' }, 'docker.containers'],
    ['two containers for one broker', { 'docker.containers': '0=a,0=b' }, '0 is named twice'],
    ['an HTTP listener without its broker', { 'broker.http.listeners': 'localhost:80' }, 'an entry is id=host:port'],
    ['an HTTP listener without a port', { 'broker.http.listeners': '0=localhost' }, 'an entry is id=host:port'],
    ['two HTTP listeners of a broker', { 'broker.http.listeners': '1=a:1,1=b:2' }, 'broker 1 is named twice'],
    ['segments larger than all of them together', { 'recorder.max.bytes': '65536' }, 'recorder.segment.bytes'],
    ['a token that no header can carry', { 'actions.token': 'open sesame' }, 'actions.token may hold'],
  ])('refuses %s, and says why', (_what, values, why) => {
    expect(() => parse(values)).toThrow(why);
  });

  it('does not tell a token that it refuses', () => {
    expect(() => parse({ 'actions.token': 'se cret' })).toThrow(/^(?!.*cret)/);
  });
});
