/**
 * Metadata, versions 0-12: brokers, controller and partitions as this broker knows them, each broker by the listener
 * that the client came in on. Topics that do not exist are created on the way when the client and
 * auto.create.topics.enable allow it. v0 reports unavailable replicas; v6 tells a leader without the listener from an
 * absent one; v12 looks topics up by id.
 */
import { Errors, invalidTopicName, isInternalTopic, KafkaError, ZERO_UUID } from '../../protocol';
import type { InputOf, WireError } from '../../protocol';
import { metadata, type MetadataRequest, type MetadataResponse } from '../../protocol/apis';
import type { PartitionState } from '../metadata/metadata-cache';
import type { RequestContext } from '../net/request-context';
import { ALL_CLUSTER_OPERATIONS, ALL_TOPIC_OPERATIONS, NOT_ASKED_FOR } from './authorized-operations';
import { handler, type Handler } from './handler';
import type { BrokerParts } from './parts';

type Parts = Pick<BrokerParts, 'clusterId' | 'config' | 'metadata' | 'cluster' | 'clock'>;
type TopicAnswer = InputOf<MetadataResponse['topics'][number]>;

const NO_LEADER = -1;
const NO_CONTROLLER = -1;
/** How long a broker that has just started lets clients wait for the controller's first word. */
const FIRST_WORD_MS = 500;
const FIRST_VERSION_WITH_LISTENER_NOT_FOUND = 6;
const FIRST_VERSION_WITH_TOPIC_IDS = 12;

export function metadataHandler(parts: Parts): Handler {
  const answer = async (request: MetadataRequest, context: RequestContext): Promise<InputOf<MetadataResponse>> => {
    refuseIdsInOldVersions(request, context.apiVersion);
    const { metadata: cache } = parts;
    if (cache.controllerId === null) await firstWord(parts);
    const brokers = [...cache.liveBrokers.values()].flatMap(({ id, rack }) => {
      const endpoint = cache.endpoint(id, context.listenerName);
      return endpoint ? [{ nodeId: id, host: endpoint.host, port: endpoint.port, rack }] : [];
    });
    const topics = await answerTopics(parts, request, context);
    const { controllerId } = cache;
    return {
      brokers,
      clusterId: parts.clusterId,
      controllerId:
        controllerId !== null && cache.endpoint(controllerId, context.listenerName) ? controllerId : NO_CONTROLLER,
      topics: request.includeTopicAuthorizedOperations
        ? topics.map((topic) => ({ ...topic, topicAuthorizedOperations: ALL_TOPIC_OPERATIONS }))
        : topics,
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? ALL_CLUSTER_OPERATIONS : NOT_ASKED_FOR,
    };
  };
  return handler(metadata, answer, everyTopicFailed);
}

/** There is no error for the whole answer, so each topic that was asked for has it, and nobody is named as broker. */
function everyTopicFailed(request: MetadataRequest, error: WireError): InputOf<MetadataResponse> {
  const topics = (request.topics ?? []).map(({ name, topicId }) => {
    return { errorCode: error.code, name: name ?? '', topicId, partitions: [] };
  });
  return { brokers: [], controllerId: NO_CONTROLLER, topics };
}

/**
 * The controller can tell a starting broker about the cluster only when its listener is open, some milliseconds before
 * clients are of any use to it. An answer without brokers would cost them their retry back-off.
 */
function firstWord({ metadata: cache, clock }: Parts): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      stopListening();
      resolve();
    };
    const timer = clock.after(FIRST_WORD_MS, end);
    const stopListening = cache.onChange(end);
  });
}

function refuseIdsInOldVersions(request: MetadataRequest, version: number): void {
  if (version >= FIRST_VERSION_WITH_TOPIC_IDS) return;
  for (const topic of request.topics ?? []) {
    if (topic.name === null) {
      throw new KafkaError('INVALID_REQUEST', `Topic name can not be null for version ${version}`);
    }
    if (topic.topicId !== ZERO_UUID) {
      throw new KafkaError('INVALID_REQUEST', `Topic IDs are not supported in requests for version ${version}`);
    }
  }
}

async function answerTopics(parts: Parts, request: MetadataRequest, context: RequestContext): Promise<TopicAnswer[]> {
  const all = request.topics === null || (context.apiVersion === 0 && request.topics.length === 0);
  if (all) return parts.metadata.topicNames().map((name) => describeTopic(parts, name, context));
  const answers: TopicAnswer[] = [];
  const names = new Set<string>();
  const ids = (request.topics ?? []).map((topic) => topic.topicId).filter((id) => id !== ZERO_UUID);
  for (const id of new Set(ids)) {
    const name = parts.metadata.topicName(id);
    if (name === null) answers.push({ errorCode: Errors.UNKNOWN_TOPIC_ID.code, name: null, topicId: id });
    else names.add(name);
  }
  if (ids.length === 0) for (const topic of request.topics ?? []) names.add(topic.name as string);
  for (const name of names) {
    const exists = parts.metadata.partitions(name) !== null;
    answers.push(exists ? describeTopic(parts, name, context) : await answerMissing(parts, request, name));
  }
  return answers;
}

async function answerMissing(parts: Parts, request: MetadataRequest, name: string): Promise<TopicAnswer> {
  let error: WireError;
  if (invalidTopicName(name) !== null) error = Errors.INVALID_TOPIC_EXCEPTION;
  else if (request.allowAutoTopicCreation && parts.config.boolean('auto.create.topics.enable')) {
    error = await parts.cluster.autoCreateTopic(name);
  } else error = Errors.UNKNOWN_TOPIC_OR_PARTITION;
  return { errorCode: error.code, name, isInternal: isInternalTopic(name), partitions: [] };
}

function describeTopic(parts: Parts, name: string, context: RequestContext): TopicAnswer {
  const partitions = [...(parts.metadata.partitions(name)?.values() ?? [])].sort((a, b) => a.partition - b.partition);
  return {
    errorCode: Errors.NONE.code,
    name,
    topicId: parts.metadata.topicId(name) ?? ZERO_UUID,
    isInternal: isInternalTopic(name),
    partitions: partitions.map((partition) => describePartition(parts, partition, context)),
  };
}

function describePartition(
  parts: Parts,
  state: PartitionState,
  context: RequestContext,
): NonNullable<TopicAnswer['partitions']>[number] {
  const { metadata: cache } = parts;
  const { partition: partitionIndex, leaderEpoch, offlineReplicas } = state;
  const isReachable = (id: number): boolean => cache.endpoint(id, context.listenerName) !== null;
  const onlyReachable = context.apiVersion === 0;
  const replicaNodes = onlyReachable ? state.replicas.filter(isReachable) : state.replicas;
  const isrNodes = onlyReachable ? state.isr.filter(isReachable) : state.isr;
  let leaderId = state.leader;
  let error: WireError = Errors.NONE;
  if (!isReachable(leaderId)) {
    const lacksListener = cache.isAlive(leaderId) && context.apiVersion >= FIRST_VERSION_WITH_LISTENER_NOT_FOUND;
    error = lacksListener ? Errors.LISTENER_NOT_FOUND : Errors.LEADER_NOT_AVAILABLE;
    leaderId = NO_LEADER;
  } else if (replicaNodes.length < state.replicas.length || isrNodes.length < state.isr.length) {
    error = Errors.REPLICA_NOT_AVAILABLE;
  }
  return { errorCode: error.code, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas };
}
