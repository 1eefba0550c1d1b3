/** How a broker is judged by its registration, its answers, and what it sees. */
import { judgeBroker, type BrokerFacts } from '../../../../coordinator/health/broker';
import { notProbed, type ProbeFact } from '../../../../coordinator/observe/broker-probe';
import { told } from './support';

const wellProbe: ProbeFact = {
  ...notProbed,
  state: 'answers',
  address: 'kafka:9092',
  latencyMs: 3,
  apis: 60,
  seesControllerId: 0,
  seesBrokers: [0, 1, 2],
  seesClusterId: 'abc',
};

const well: BrokerFacts = {
  brokerId: 1,
  registered: true,
  replicas: 4,
  probe: wellProbe,
  registeredForMs: 60_000,
  hasAnswered: false,
  expected: { controllerId: 0, clusterId: 'abc', brokerIds: [0, 1, 2] },
  slowMs: 500,
  timeoutMs: 2_000,
};

const judged = (facts: Partial<BrokerFacts>, probe: Partial<ProbeFact> = {}) =>
  judgeBroker({ ...well, ...facts, probe: { ...wellProbe, ...probe } });

describe('a broker', () => {
  it('is healthy when it is registered, answers, and sees what ZooKeeper sees', () => {
    expect(judged({})).toEqual({ verdict: 'healthy', reasons: [] });
  });

  it('that is not registered is critical for as long as replicas should be on it', () => {
    const verdict = judged({ registered: false }, { state: 'refused' });
    expect(told(verdict)).toBe('unhealthy: BROKER_NOT_REGISTERED critical');
    expect(verdict.reasons[0]?.text).toContain('4 replicas should be on it');
    expect(told(judged({ registered: false, replicas: 0 }, { state: 'refused' }))).toBe(
      'degraded: BROKER_NOT_REGISTERED warning',
    );
  });

  it('that answers without a registration has lost its session', () => {
    const { reasons } = judged({ registered: false });
    expect(reasons[0]?.text).toContain('its session has ended');
  });

  it.each([
    ['silent', 'unhealthy: BROKER_SILENT critical'],
    ['refused', 'unhealthy: BROKER_REFUSES critical'],
    ['unreachable', 'unhealthy: BROKER_UNREACHABLE critical'],
    ['unknown', 'unknown: BROKER_NOT_PROBED unknown'],
  ] as const)('whose probe is %s is judged so', (state, expected) => {
    expect(told(judged({}, { state }))).toBe(expected);
  });

  it('is slow when two answers in a row were, one may be the machine’s', () => {
    expect(told(judged({}, { state: 'slow', latencyMs: 700, slowInARow: 1 }))).toBe('healthy:');
    const verdict = judged({}, { state: 'slow', latencyMs: 700, slowInARow: 2 });
    expect(told(verdict)).toBe('degraded: BROKER_SLOW warning');
    expect(verdict.reasons[0]?.text).toContain('took 700 ms');
  });

  it('that has just registered is starting until it listens, which should not take long', () => {
    const judgedAfter = (registeredForMs: number, state: 'refused' | 'silent') =>
      told(judged({ registeredForMs }, { state }));
    expect(judgedAfter(2_000, 'refused')).toBe('unknown: BROKER_STARTING unknown');
    expect(judgedAfter(20_000, 'refused')).toBe('unhealthy: BROKER_REFUSES critical');
    expect(judgedAfter(2_000, 'silent')).toBe('unhealthy: BROKER_SILENT critical');
    // One that has served and takes no connections any more has died.
    const served = judged({ registeredForMs: 2_000, hasAnswered: true }, { state: 'refused' });
    expect(told(served)).toBe('unhealthy: BROKER_REFUSES critical');
  });

  it('that sees another controller twice in a row has a stale view, once may be on its way', () => {
    const sees = { seesControllerId: 2, controllerDiffers: 1 };
    expect(told(judged({}, sees))).toBe('healthy:');
    expect(told(judged({}, { ...sees, controllerDiffers: 2 }))).toBe('degraded: BROKER_SEES_OTHER_CONTROLLER warning');
  });

  it('that has been told meanwhile is not held to what differed before', () => {
    expect(told(judged({}, { seesControllerId: 0, controllerDiffers: 5 }))).toBe('healthy:');
  });

  it('that counts a dead broker as alive and does not know a new one is told of both', () => {
    const { reasons } = judged({}, { seesBrokers: [0, 1, 7], brokersDiffer: 3 });
    expect(reasons.map(({ code }) => code)).toEqual(['BROKER_SEES_OTHER_BROKERS']);
    expect(reasons[0]?.text).toContain('does not know of 2 and still counts 7 as alive');
  });

  it('is not held to a view of ZooKeeper that is itself old', () => {
    const stale = { seesControllerId: 2, controllerDiffers: 9, seesBrokers: [1], brokersDiffer: 9 };
    expect(told(judged({ expected: null }, stale))).toBe('healthy:');
  });

  it('of another cluster under the same address is found out', () => {
    expect(told(judged({}, { seesClusterId: 'xyz' }))).toBe('unhealthy: BROKER_OTHER_CLUSTER critical');
  });
});
