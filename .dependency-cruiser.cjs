/**
 * Imports point one way. Runs on the compiled output, where every import is plain:
 * bin -> cli, embedded, supervisor, coordinator, broker -> client, zookeeper -> protocol, settings, runtime.
 */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^dist/${from}/` },
  to: { path: '^dist/', pathNot: `^dist/(${[from, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    only('runtime-is-the-ground', 'runtime', [], 'runtime/ knows no other folder'),
    only('protocol-is-pure', 'protocol', [], 'protocol/ is bytes only: it imports nothing else'),
    only('settings-stand-alone', 'settings', [], 'settings/ declares keys and knows no other folder'),
    only('client-layer', 'client', ['protocol', 'settings', 'runtime'], 'the wire client knows the ground only'),
    only(
      'zookeeper-layer',
      'zookeeper',
      ['protocol', 'settings', 'runtime'],
      'the ZooKeeper adapter knows the ground only',
    ),
    only(
      'broker-layer',
      'broker',
      ['client', 'zookeeper', 'protocol', 'settings', 'runtime'],
      'a broker knows neither the tools nor whoever starts it',
    ),
    only(
      'coordinator-layer',
      'coordinator',
      ['client', 'zookeeper', 'protocol', 'settings', 'runtime'],
      'the coordinator knows a cluster from outside only: through ZooKeeper, over the wire, and over HTTP',
    ),
    only(
      'cli-layer',
      'cli',
      ['client', 'zookeeper', 'protocol', 'settings', 'runtime', 'broker/log'],
      'a tool may read log files, and else knows the cluster only over the wire',
    ),
    {
      name: 'zookeeper-only-where-needed',
      comment: 'inside the broker only cluster-zookeeper/ and the composition root know ZooKeeper',
      severity: 'error',
      from: { path: '^dist/broker/', pathNot: '^dist/broker/(cluster-zookeeper/|[^/]+$)' },
      to: { path: '^dist/zookeeper/' },
    },
    {
      name: 'log-knows-no-cluster',
      comment: 'the log works without a replica manager',
      severity: 'error',
      from: { path: '^dist/broker/log/' },
      to: { path: '^dist/broker/(?!log/)' },
    },
    {
      name: 'replication-is-below-coordinators',
      comment: 'group -> replication -> metadata, cluster, log',
      severity: 'error',
      from: { path: '^dist/broker/replication/' },
      to: { path: '^dist/broker/(group|transaction|security|apis|net|cluster-zookeeper)/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, path: '^dist/' } },
  ],
  options: { doNotFollow: { path: 'node_modules' }, moduleSystems: ['cjs'], exclude: { path: '\\.d\\.ts$' } },
};
