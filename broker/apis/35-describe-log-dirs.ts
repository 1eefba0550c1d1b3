/**
 * DescribeLogDirs, versions 0-4: this broker's log directories and the sizes of the logs in them (KIP-113); v4 tells how
 * much room there is (KIP-827). A directory that has failed is listed with KAFKA_STORAGE_ERROR.
 */
import { resolve } from 'node:path';
import { Errors, partitionKey, type InputOf } from '../../protocol';
import { describeLogDirs, type DescribeLogDirsRequest, type DescribeLogDirsResponse } from '../../protocol/apis';
import { diskSpace } from '../../runtime/disk-space';
import type { Log } from '../log';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'config' | 'logs' | 'replicas' | 'logger'>;
type DirAnswer = InputOf<DescribeLogDirsResponse['results'][number]>;
type TopicAnswer = {
  name: string;
  partitions: InputOf<DescribeLogDirsResponse['results'][number]['topics'][number]['partitions'][number]>[];
};

/** The replica is not in use (yet), so nobody knows how far behind it is. */
const UNKNOWN_LAG = -1;

export function describeLogDirsHandler(parts: Parts): Handler {
  return handler(describeLogDirs, async (request) => {
    const logDirs = new Set(parts.config.logDirs.map((logDir) => resolve(logDir)));
    const wanted = wantedLogs(parts, request);
    return { results: await Promise.all([...logDirs].map((logDir) => describe(parts, logDir, wanted))) };
  });
}

function wantedLogs(parts: Parts, request: DescribeLogDirsRequest): Log[] {
  const all = parts.logs.allLogs();
  if (request.topics === null) return all;
  const keys = new Set(
    request.topics.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => partitionKey({ topic, partition })),
    ),
  );
  return all.filter((log) => keys.has(partitionKey(log.topicPartition)));
}

async function describe(parts: Parts, logDir: string, wanted: readonly Log[]): Promise<DirAnswer> {
  if (!parts.logs.liveLogDirs.includes(logDir)) return { errorCode: Errors.KAFKA_STORAGE_ERROR.code, logDir };
  try {
    const { totalBytes, usableBytes } = await diskSpace(logDir);
    const here = wanted.filter((log) => log.parentDir === logDir);
    return { errorCode: Errors.NONE.code, logDir, topics: byTopic(parts, here), totalBytes, usableBytes };
  } catch (error) {
    parts.logger.error(`Error while describing replica in dir ${logDir}`, error);
    return { errorCode: Errors.UNKNOWN_SERVER_ERROR.code, logDir };
  }
}

function byTopic(parts: Parts, logs: readonly Log[]): TopicAnswer[] {
  const topics = new Map<string, TopicAnswer>();
  for (const log of logs) {
    const { topic, partition } = log.topicPartition;
    let answer = topics.get(topic);
    if (!answer) {
      answer = { name: topic, partitions: [] };
      topics.set(topic, answer);
    }
    const isInUse = parts.replicas.logOf(log.topicPartition) !== null;
    answer.partitions.push({
      partitionIndex: partition,
      partitionSize: log.sizeBytes,
      offsetLag: isInUse ? Math.max(0, log.highWatermark - log.logEndOffset) : UNKNOWN_LAG,
      isFutureKey: false,
    });
  }
  return [...topics.values()];
}
