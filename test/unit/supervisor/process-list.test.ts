import { serversAmong, type ServerKind } from '../../../supervisor/process-list';

const processes = [
  { pid: 1, commandLine: 'node /srv/gregor/dist/broker/main.js config/server.properties' },
  { pid: 2, commandLine: '/usr/bin/node --max-old-space-size=512 /srv/gregor/dist/broker/main.js server.properties' },
  { pid: 3, commandLine: 'sh -c node /srv/gregor/dist/broker/main.js config/server.properties' },
  { pid: 4, commandLine: 'java -Xmx1G -cp libs/* kafka.Kafka server.properties' },
  { pid: 5, commandLine: 'java -cp libs/* org.apache.zookeeper.server.quorum.QuorumPeerMain zookeeper.properties' },
  { pid: 6, commandLine: 'grep QuorumPeerMain' },
  {
    pid: 7,
    commandLine: '"C:\\Program Files\\nodejs\\node.exe" "C:\\gregor\\dist\\broker\\main.js" server.properties',
  },
  { pid: 8, commandLine: 'vi dist/broker/main.js' },
  { pid: 9, commandLine: 'node /srv/gregor/dist/coordinator/main.js config/coordinator.properties' },
  { pid: 10, commandLine: 'tail -f dist/coordinator/main.js' },
];

const pids = (kind: ServerKind): number[] => serversAmong(processes, kind).map(({ pid }) => pid);

describe('the servers that the stop commands find', () => {
  it('are brokers of Gregor, not the shells and editors that name them', () => {
    expect(pids('broker')).toEqual([1, 2, 7]);
  });

  it('are coordinators of Gregor', () => {
    expect(pids('coordinator')).toEqual([9]);
  });

  it('are ZooKeepers of whatever origin', () => {
    expect(pids('zookeeper')).toEqual([5]);
  });
});
