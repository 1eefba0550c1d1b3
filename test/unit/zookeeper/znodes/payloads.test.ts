/** Payloads captured from Apache Kafka 3.9 in ZooKeeper mode, byte for byte, timestamps and ids included. */
import * as znodes from '../../../../zookeeper/znodes';

const text = (data: Buffer): string => data.toString();
const bytes = (json: string): Buffer => Buffer.from(json);

const changeOfVersion1 = (type: string): Buffer => bytes(`{"version":1,"entity_type":"${type}","entity_name":"x"}`);

const REGISTRATION =
  '{"features":{},"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT","OTHER":"PLAINTEXT"},' +
  '"endpoints":["PLAINTEXT://127.0.0.1:23092","OTHER://127.0.0.1:23093"],"rack":"r1","jmx_port":-1,"port":23092,' +
  '"host":"127.0.0.1","version":5,"timestamp":"1795232502967"}';

const broker: znodes.BrokerRegistration = {
  brokerId: 0,
  endpoints: [
    { listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: '127.0.0.1', port: 23092 },
    { listener: 'OTHER', securityProtocol: 'PLAINTEXT', host: '127.0.0.1', port: 23093 },
  ],
  rack: 'r1',
  jmxPort: -1,
  timestampMs: 1795232502967,
  features: {},
};

describe('payloads are what Apache Kafka writes, and are read back', () => {
  it('broker registration', () => {
    expect(text(znodes.encodeBrokerRegistration(broker))).toBe(REGISTRATION);
    expect(znodes.decodeBrokerRegistration(0, bytes(REGISTRATION))).toEqual(broker);
  });

  it('controller', () => {
    const json = '{"version":2,"brokerid":0,"timestamp":"1795232503081","kraftControllerEpoch":-1}';
    expect(text(znodes.encodeController(0, 1795232503081))).toBe(json);
    expect(znodes.decodeController(bytes(json))).toEqual({
      brokerId: 0,
      timestampMs: 1795232503081,
      kraftControllerEpoch: -1,
    });
  });

  it('controller epoch', () => {
    expect(text(znodes.encodeControllerEpoch(7))).toBe('7');
    expect(znodes.decodeControllerEpoch(bytes('7'))).toBe(7);
    expect(() => znodes.decodeControllerEpoch(null)).toThrow('is not a number');
  });

  it('cluster id, whose version is a string', () => {
    const json = '{"version":"1","id":"_m-vQ8KIR96tJ7DBIRMwxg"}';
    expect(text(znodes.encodeClusterId('_m-vQ8KIR96tJ7DBIRMwxg'))).toBe(json);
    expect(znodes.decodeClusterId(bytes(json))).toBe('_m-vQ8KIR96tJ7DBIRMwxg');
  });

  it('topic assignment', () => {
    const json =
      '{"partitions":{"0":[0],"1":[0]},"topic_id":"k45Cdez1QLOTf1TZ_d6dOw","adding_replicas":{},"removing_replicas":{},"version":3}';
    const none = { addingReplicas: [], removingReplicas: [] };
    const assignment = {
      topicId: 'k45Cdez1QLOTf1TZ_d6dOw',
      partitions: new Map([
        [0, { replicas: [0], ...none }],
        [1, { replicas: [0], ...none }],
      ]),
    };
    expect(text(znodes.encodeTopicAssignment(assignment))).toBe(json);
    expect(znodes.decodeTopicAssignment('t2', bytes(json))).toEqual(assignment);
  });

  it('partition state, with and without recovery', () => {
    const recovered = '{"controller_epoch":9,"leader":1,"version":1,"leader_epoch":2,"isr":[1,2]}';
    const recovering =
      '{"controller_epoch":9,"leader":1,"version":1,"leader_recovery_state":1,"leader_epoch":2,"isr":[1,2]}';
    const state = { leader: 1, leaderEpoch: 2, controllerEpoch: 9, isr: [1, 2], leaderRecoveryState: 0 };
    expect(text(znodes.encodePartitionState(state))).toBe(recovered);
    expect(znodes.decodePartitionState('t', 0, bytes(recovered))).toEqual(state);
    expect(text(znodes.encodePartitionState({ ...state, leaderRecoveryState: 1 }))).toBe(recovering);
    expect(znodes.decodePartitionState('t', 0, bytes(recovering)).leaderRecoveryState).toBe(1);
  });

  it('entity configuration and its change notification', () => {
    const json = '{"version":1,"config":{"log.cleaner.threads":"2"}}';
    expect(text(znodes.encodeEntityConfig({ 'log.cleaner.threads': '2' }))).toBe(json);
    expect(znodes.decodeEntityConfig('brokers/<default>', bytes(json))).toEqual({ 'log.cleaner.threads': '2' });
    const change = '{"version":2,"entity_path":"users/bob/clients/<default>"}';
    expect(text(znodes.encodeConfigChange('users/bob/clients/<default>'))).toBe(change);
    expect(znodes.decodeConfigChange(bytes(change))).toEqual({
      type: 'users',
      entityPath: 'users/bob/clients/<default>',
    });
  });

  it('feature', () => {
    const json = '{"features":{},"version":2,"status":1}';
    expect(text(znodes.encodeFeature({ enabled: true, features: {} }))).toBe(json);
    expect(znodes.decodeFeature(bytes(json))).toEqual({ enabled: true, features: {} });
  });

  it('producer id block', () => {
    const json = '{"version":1,"broker":1,"block_start":"1000","block_end":"1999"}';
    const block = { brokerId: 1, firstProducerId: 1000, lastProducerId: 1999 };
    expect(text(znodes.encodeProducerIdBlock(block))).toBe(json);
    expect(znodes.decodeProducerIdBlock(bytes(json))).toEqual(block);
    expect(znodes.decodeProducerIdBlock(null)).toBeNull();
    expect(() => znodes.decodeProducerIdBlock(Buffer.alloc(0))).toThrow('the node is empty');
  });

  it('notifications of ISR changes and failed log directories', () => {
    const isr = '{"version":1,"partitions":[{"topic":"a","partition":0},{"topic":"b","partition":7}]}';
    const partitions = [
      { topic: 'a', partition: 0 },
      { topic: 'b', partition: 7 },
    ];
    expect(text(znodes.encodeIsrChange(partitions))).toBe(isr);
    expect(znodes.decodeIsrChange(bytes(isr))).toEqual(partitions);
    expect(text(znodes.encodeLogDirEvent(4))).toBe('{"version":1,"broker":4,"event":1}');
    expect(znodes.decodeLogDirEvent(bytes('{"version":1,"broker":4,"event":1}'))).toBe(4);
  });

  it('requests of old tools: reassignment and preferred election', () => {
    const json = '{"version":1,"partitions":[{"topic":"a","partition":0,"replicas":[1,2]}]}';
    const wanted = [{ topic: 'a', partition: 0, replicas: [1, 2] }];
    expect(text(znodes.encodeReassignPartitions(wanted))).toBe(json);
    expect(znodes.decodeReassignPartitions(bytes(json))).toEqual(wanted);
    const election = '{"version":1,"partitions":[{"topic":"a","partition":0},{"topic":"b","partition":7}]}';
    expect(text(znodes.encodePreferredReplicaElection(znodes.decodePreferredReplicaElection(bytes(election))))).toBe(
      election,
    );
  });

  it('the session of a broker', () => {
    const session = { sessionId: Buffer.from('0100000000000001', 'hex'), password: Buffer.alloc(16, 7) };
    expect(znodes.decodeGregorSession(1, znodes.encodeGregorSession(session))).toEqual(session);
  });
});

describe('older and odd payloads', () => {
  it('a registration of version 1 has its endpoint in host and port', () => {
    const json = '{"version":1,"host":"h","port":9092,"jmx_port":9999,"timestamp":"5"}';
    expect(znodes.decodeBrokerRegistration(1, bytes(json))).toEqual({
      brokerId: 1,
      endpoints: [{ listener: 'PLAINTEXT', securityProtocol: 'PLAINTEXT', host: 'h', port: 9092 }],
      rack: null,
      jmxPort: 9999,
      timestampMs: 5,
      features: {},
    });
  });

  it('in registrations of versions 2 and 3 a listener has the name of its protocol', () => {
    const json =
      '{"version":3,"host":"h","port":1,"jmx_port":-1,"timestamp":"5","rack":"dc1","endpoints":["PLAINTEXT://h:1","SSL://[::1]:2"]}';
    const { endpoints, rack } = znodes.decodeBrokerRegistration(1, bytes(json));
    expect(rack).toBe('dc1');
    expect(endpoints[1]).toEqual({ listener: 'SSL', securityProtocol: 'SSL', host: '::1', port: 2 });
  });

  it('a registration of version 4 maps listeners to protocols, one of version 5 has features', () => {
    const json =
      '{"version":5,"host":null,"port":-1,"jmx_port":-1,"endpoints":["INTERNAL://h:1"],' +
      '"listener_security_protocol_map":{"INTERNAL":"SASL_SSL"},"features":{"f":{"min_version":1,"max_version":3}},"rack":null}';
    const decoded = znodes.decodeBrokerRegistration(1, bytes(json));
    expect(decoded.endpoints[0]?.securityProtocol).toBe('SASL_SSL');
    expect(decoded.features).toEqual({ f: { minVersion: 1, maxVersion: 3 } });
    expect(decoded.rack).toBeNull();
    const again = JSON.parse(text(znodes.encodeBrokerRegistration(decoded))) as Record<string, unknown>;
    expect(again).toMatchObject({ host: null, port: -1, features: { f: { min_version: 1, max_version: 3 } } });
    expect(again).not.toHaveProperty('rack');
  });

  it('a topic assignment of version 1 has neither id nor reassignment', () => {
    const decoded = znodes.decodeTopicAssignment('t', bytes('{"version":1,"partitions":{"0":[1,2]}}'));
    expect(decoded).toEqual({
      topicId: null,
      partitions: new Map([[0, { replicas: [1, 2], addingReplicas: [], removingReplicas: [] }]]),
    });
  });

  it('a topic assignment of version 2 tells what is added and removed, partition by partition', () => {
    const json =
      '{"version":2,"partitions":{"0":[1,2],"1":[2]},"adding_replicas":{"0":[2]},"removing_replicas":{"0":[1]}}';
    const { partitions } = znodes.decodeTopicAssignment('t', bytes(json));
    expect(partitions.get(0)).toEqual({ replicas: [1, 2], addingReplicas: [2], removingReplicas: [1] });
    expect(partitions.get(1)?.addingReplicas).toEqual([]);
  });

  it('change notifications of version 1 name type and entity; others than topics and clients did not exist', () => {
    expect(znodes.decodeConfigChange(changeOfVersion1('topics'))).toEqual({ type: 'topics', entityPath: 'topics/x' });
    expect(() => znodes.decodeConfigChange(changeOfVersion1('users'))).toThrow('version 1 knows no users');
    expect(() => znodes.decodeConfigChange(bytes('{"version":2,"entity_path":"nothing"}'))).toThrow('names no entity');
    expect(() => znodes.decodeConfigChange(bytes('{"version":3}'))).toThrow('unsupported version 3');
  });

  it('a configuration node without data means that nothing is set', () => {
    expect(znodes.decodeEntityConfig('topics/t', null)).toEqual({});
    expect(znodes.decodeEntityConfig('topics/t', Buffer.alloc(0))).toEqual({});
    expect(znodes.decodeEntityConfig('topics/t', bytes('{"version":1}'))).toEqual({});
  });

  it('a feature node of version 1 has lowest levels too', () => {
    const json = '{"version":1,"status":0,"features":{"f":{"min_version_level":1,"max_version_level":4}}}';
    expect(znodes.decodeFeature(bytes(json))).toEqual({ enabled: false, features: { f: 4 } });
    expect(() => znodes.decodeFeature(bytes('{"version":3,"status":0,"features":{}}'))).toThrow(
      'unsupported version 3',
    );
  });

  it('what is no JSON, or lacks a key, is refused with the name of the node and the key', () => {
    expect(() => znodes.decodeController(bytes('x'))).toThrow(/^cannot read \/controller: .* in 'x'$/);
    expect(() => znodes.decodeController(bytes('{"version":2}'))).toThrow(
      "cannot read /controller: 'brokerid' is missing",
    );
    expect(() => znodes.decodePartitionState('t', 3, bytes('{"leader":"1"}'))).toThrow(
      "cannot read state of partition t-3: 'leader' is not a whole number",
    );
  });
});
