import { brokerProperties, coordinatorProperties, keyOf, keysIn } from '../../../supervisor/container-configuration';
import { parseProperties } from '../../../settings';

const shipped = 'broker.id=0\nzookeeper.connect=localhost:2181\nlog.dirs=/tmp/kafka-logs\n';
const nothingMounted = { mounted: null, shipped };

function broker(env: NodeJS.ProcessEnv, mounted: string | null = null): Record<string, string> {
  return Object.fromEntries(parseProperties(brokerProperties(env, { mounted, shipped }, '/data')));
}

describe('environment variables of a container', () => {
  // Expected values come from KafkaDockerWrapper.getServerConfigsFromEnv of Apache Kafka 3.9.
  it.each([
    ['KAFKA_BROKER_ID', 'broker.id'],
    ['KAFKA_LOG_RETENTION_HOURS', 'log.retention.hours'],
    ['KAFKA_LISTENER_NAME_A__B_SSL_KEYSTORE_LOCATION', 'listener.name.a_b.ssl.keystore.location'],
    ['KAFKA_SASL_MECHANISM_SCRAM___SHA', 'sasl.mechanism.scram-sha'],
    ['KAFKA_FOUR____LINES', 'four-.lines'],
  ])('%s becomes %s', (variable, key) => {
    expect(keyOf(variable, 'KAFKA')).toBe(key);
  });

  it.each(['KAFKA_HEAP_OPTS', 'KAFKA_OPTS', 'KAFKA_VERSION', 'PATH', 'KAFKAESQUE_A', 'COORDINATOR_HTTP_PORT'])(
    '%s is no key of a broker',
    (variable) => {
      expect(keyOf(variable, 'KAFKA')).toBeNull();
    },
  );

  it('gives the keys of one prefix alone', () => {
    const env = { KAFKA_BROKER_ID: '1', COORDINATOR_HTTP_PORT: '8080', KAFKA_: 'nothing', HOME: '/' };
    expect([...keysIn(env, 'KAFKA')]).toEqual([['broker.id', '1']]);
    expect([...keysIn(env, 'COORDINATOR')]).toEqual([['http.port', '8080']]);
  });
});

describe("a broker's file in a container", () => {
  it('holds what the variables say and nothing of the shipped file, as with Kafka', () => {
    const env = { KAFKA_BROKER_ID: '3', KAFKA_ZOOKEEPER_CONNECT: 'zookeeper:2181', KAFKA_LOG_DIRS: '/logs' };
    expect(broker(env)).toEqual({ 'broker.id': '3', 'zookeeper.connect': 'zookeeper:2181', 'log.dirs': '/logs' });
  });

  it('keeps the logs in the folder for the volume where nobody says otherwise', () => {
    expect(broker({ KAFKA_BROKER_ID: '3' })['log.dirs']).toBe('/data');
    expect(broker({})['log.dirs']).toBe('/data');
    expect(broker({ KAFKA_BROKER_ID: '3' }, 'log.dirs=/mine\n')['log.dirs']).toBe('/mine');
    expect(broker({ KAFKA_LOG_DIR: '/one' })).toEqual({ 'log.dir': '/one' });
  });

  it('is the shipped one where no variable and no file says anything', () => {
    expect(broker({ PATH: '/bin' })).toMatchObject({ 'broker.id': '0', 'zookeeper.connect': 'localhost:2181' });
  });

  it('lets a variable count more than the mounted file, also where that has no line end', () => {
    const mounted = 'broker.id=7\nzookeeper.connect=there:2181';
    expect(broker({ KAFKA_BROKER_ID: '3' }, mounted)).toEqual({
      'broker.id': '3',
      'zookeeper.connect': 'there:2181',
      'log.dirs': '/data',
    });
  });

  it('listens on every address of the container where only the advertised names are given', () => {
    const advertised = 'INTERNAL://kafka:9092,EXTERNAL://localhost:29092';
    expect(broker({ KAFKA_ADVERTISED_LISTENERS: advertised })['listeners']).toBe(
      'INTERNAL://0.0.0.0:9092,EXTERNAL://0.0.0.0:29092',
    );
    const given = { KAFKA_ADVERTISED_LISTENERS: advertised, KAFKA_LISTENERS: 'INTERNAL://kafka:1' };
    expect(broker(given)['listeners']).toBe('INTERNAL://kafka:1');
  });

  it('takes a value of several lines for one value', () => {
    expect(broker({ KAFKA_BROKER_ID: '1\n', KAFKA_LISTENERS: 'A://:1,\n  B://:2' })).toMatchObject({
      'broker.id': '1',
      listeners: 'A://:1,   B://:2',
    });
    expect(broker({ KAFKA_LISTENERS: 'A://:1\nbroker.id=9' })['broker.id']).toBeUndefined();
  });
});

describe("the coordinator's file in a container", () => {
  it('is the shipped one with the variables on top', () => {
    const text = coordinatorProperties({ COORDINATOR_HTTP_HOST: '0.0.0.0', KAFKA_BROKER_ID: '1' }, nothingMounted);
    const keys = Object.fromEntries(parseProperties(text));
    expect(keys).toMatchObject({ 'http.host': '0.0.0.0', 'zookeeper.connect': 'localhost:2181', 'broker.id': '0' });
  });
});
