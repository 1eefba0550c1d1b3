/**
 * Fetch (key 1): reads record batches from partitions, for consumers and for followers; the answer waits for minBytes
 * or maxWaitMs.
 *
 * v0   magic 0
 * v1   response: throttle time
 * v2   magic 1 (KIP-32)
 * v3   maxBytes for the whole response; partitions are filled in the order asked (KIP-74)
 * v4   magic 2; isolation level, last stable offset, aborted transactions (KIP-98)
 * v5   log start offset, told by followers and by the leader (KIP-107)
 * v6   the client knows KAFKA_STORAGE_ERROR (KIP-112)
 * v7   fetch sessions: only what changed is sent (KIP-227)
 * v8   when throttled, the broker answers at once and the client keeps silent (KIP-219)
 * v9   the leader epoch that the reader believes in, to fence it (KIP-320)
 * v10  zstd may be returned (KIP-110)
 * v11  rack and preferred read replica (KIP-392)
 * v12  compact types and tagged fields (KIP-482); truncation by diverging epoch (KIP-595)
 * v13  topic ids instead of names (KIP-516)
 * v14  the client knows OFFSET_MOVED_TO_TIERED_STORAGE (KIP-405)
 * v15  replica id moves into a tagged struct with the follower's broker epoch (KIP-903)
 * v16  response, tagged: endpoints of new leaders (KIP-951)
 * v17  the directory of a replica, tagged; used by KRaft only (KIP-853)
 */
import { api } from '../api';
import { array, arrayOf, int16, int32, int64, int8, records, string, struct, uuid, type TypeOf } from '../schema';

export const fetch = api(
  1,
  'Fetch',
  { versions: '0-17', flexible: '12+' },
  {
    request: {
      clusterId: string('12+', { nullable: '12+', tag: 0, tagged: '12+', default: null, ignorable: true }),
      replicaId: int32('0-14', { default: -1 }),
      replicaState: struct(
        '15+',
        {
          replicaId: int32('15+', { default: -1 }),
          replicaEpoch: int64('15+', { default: -1 }),
        },
        { tag: 1, tagged: '15+' },
      ),
      maxWaitMs: int32('0+'),
      minBytes: int32('0+'),
      maxBytes: int32('3+', { default: 2147483647, ignorable: true }),
      isolationLevel: int8('4+', { ignorable: true }),
      sessionId: int32('7+', { ignorable: true }),
      sessionEpoch: int32('7+', { default: -1, ignorable: true }),
      topics: array('0+', {
        topic: string('0-12', { ignorable: true }),
        topicId: uuid('13+', { ignorable: true }),
        partitions: array('0+', {
          partition: int32('0+'),
          currentLeaderEpoch: int32('9+', { default: -1, ignorable: true }),
          fetchOffset: int64('0+'),
          lastFetchedEpoch: int32('12+', { default: -1 }),
          logStartOffset: int64('5+', { default: -1, ignorable: true }),
          partitionMaxBytes: int32('0+'),
          replicaDirectoryId: uuid('17+', { tag: 0, tagged: '17+', ignorable: true }),
        }),
      }),
      forgottenTopicsData: array('7+', {
        topic: string('7-12', { ignorable: true }),
        topicId: uuid('13+', { ignorable: true }),
        partitions: arrayOf('7+', int32('0+')),
      }),
      rackId: string('11+', { ignorable: true }),
    },
    response: {
      throttleTimeMs: int32('1+', { ignorable: true }),
      errorCode: int16('7+', { ignorable: true }),
      sessionId: int32('7+'),
      responses: array('0+', {
        topic: string('0-12', { ignorable: true }),
        topicId: uuid('13+', { ignorable: true }),
        partitions: array('0+', {
          partitionIndex: int32('0+'),
          errorCode: int16('0+'),
          highWatermark: int64('0+'),
          lastStableOffset: int64('4+', { default: -1, ignorable: true }),
          logStartOffset: int64('5+', { default: -1, ignorable: true }),
          divergingEpoch: struct(
            '12+',
            {
              epoch: int32('12+', { default: -1 }),
              endOffset: int64('12+', { default: -1 }),
            },
            { tag: 0, tagged: '12+' },
          ),
          currentLeader: struct(
            '12+',
            {
              leaderId: int32('12+', { default: -1 }),
              leaderEpoch: int32('12+', { default: -1 }),
            },
            { tag: 1, tagged: '12+' },
          ),
          snapshotId: struct(
            '12+',
            {
              endOffset: int64('0+', { default: -1 }),
              epoch: int32('0+', { default: -1 }),
            },
            { tag: 2, tagged: '12+' },
          ),
          abortedTransactions: array(
            '4+',
            {
              producerId: int64('4+'),
              firstOffset: int64('4+'),
            },
            { nullable: '4+', ignorable: true },
          ),
          preferredReadReplica: int32('11+', { default: -1 }),
          records: records('0+', { nullable: '0+' }),
        }),
      }),
      nodeEndpoints: array(
        '16+',
        {
          nodeId: int32('16+'),
          host: string('16+'),
          port: int32('16+'),
          rack: string('16+', { nullable: '16+', default: null }),
        },
        { tag: 0, tagged: '16+' },
      ),
    },
  },
);

export type FetchRequest = TypeOf<typeof fetch.request>;
export type FetchResponse = TypeOf<typeof fetch.response>;
