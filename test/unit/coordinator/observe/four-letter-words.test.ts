import { NO_FIGURES, parseMntr, parseSrvr } from '../../../../coordinator/observe/four-letter-words';

/** As ZooKeeper 3.8.4 answers, shortened. */
const mntr = [
  'zk_version\t3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC',
  'zk_server_state\tleader',
  'zk_ephemerals_count\t7',
  'zk_num_alive_connections\t5',
  'zk_avg_latency\t0.5769',
  'zk_min_latency\t0',
  'zk_max_latency\t8',
  'zk_outstanding_requests\t3',
  'zk_znode_count\t37',
  'zk_watch_count\t93',
  'zk_global_sessions\t4',
  'zk_last_client_response_size\t-1',
  '',
].join('\n');

const srvr = [
  'Zookeeper version: 3.5.9-83df9301aa5c2a5d284a9940177808c01bc35cef, built on 01/06/2021 20:03 GMT',
  'Latency min/avg/max: 0/1.5/92',
  'Received: 203',
  'Sent: 202',
  'Connections: 6',
  'Outstanding: 1',
  'Zxid: 0x1c2',
  'Mode: follower',
  'Node count: 141',
  '',
].join('\n');

describe('the answers to four-letter words', () => {
  it('are figures by name in mntr', () => {
    expect(parseMntr(mntr)).toEqual({
      version: '3.8.4',
      mode: 'leader',
      latencyMs: { min: 0, avg: 0.5769, max: 8 },
      outstandingRequests: 3,
      connections: 5,
      sessions: 4,
      znodes: 37,
      watches: 93,
      ephemerals: 7,
    });
  });

  it('are lines for people in srvr, which tells less', () => {
    expect(parseSrvr(srvr)).toEqual({
      ...NO_FIGURES,
      version: '3.5.9',
      mode: 'follower',
      latencyMs: { min: 0, avg: 1.5, max: 92 },
      outstandingRequests: 1,
      connections: 6,
      znodes: 141,
    });
  });

  it('have whole numbers for the latency in older servers', () => {
    expect(parseSrvr('Latency min/avg/max: 0/2/17\nMode: standalone\n')).toMatchObject({
      latencyMs: { min: 0, avg: 2, max: 17 },
      mode: 'standalone',
    });
  });

  it.each([
    ['a server that does not serve yet', 'This ZooKeeper instance is not currently serving requests\n'],
    ['nothing', ''],
    ['values that are no numbers', 'zk_znode_count\tmany\nzk_avg_latency\t\nzk_server_state\tdreaming\n'],
  ])('are unknown from %s', (_what, text) => {
    expect(parseMntr(text)).toEqual(NO_FIGURES);
    expect(parseSrvr(text)).toEqual(NO_FIGURES);
  });
});
