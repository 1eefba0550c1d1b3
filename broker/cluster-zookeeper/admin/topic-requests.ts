/** CreateTopics, CreatePartitions and DeleteTopics at the controller: what they answer, and how long they wait for it. */
import { Errors, KafkaError, ZERO_UUID, type InputOf, type WireError } from '../../../protocol';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  CreateTopicsRequest,
  CreateTopicsResponse,
  DeleteTopicsRequest,
  DeleteTopicsResponse,
} from '../../../protocol/apis';
import type { Clock } from '../../../runtime/clock';
import type { Logger } from '../../../runtime/logger';
import type { BrokerConfig } from '../../../settings/broker-config';
import { describeTopic } from '../../../settings/describe';
import type { ZooKeeperOperations } from '../../../zookeeper';
import { isZkError } from '../../../zookeeper/errors';
import * as znodes from '../../../zookeeper/znodes';
import type { MetadataCache } from '../../metadata/metadata-cache';
import type { Controller } from '../controller';
import { waitForMetadata } from '../metadata-wait';
import { NOT_CONTROLLER, outcome, outcomeOf, SUCCESS, type AdminOutcome } from './admin-error';
import { planPartitions } from './partition-creation';
import type { PlannedTopic, TopicCreation, TopicWish } from './topic-creation';

export interface TopicRequestParts {
  readonly zk: ZooKeeperOperations;
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metadata: MetadataCache;
  readonly creation: TopicCreation;
  readonly controller: Controller;
}

type CreatedTopic = NonNullable<InputOf<CreateTopicsResponse>['topics']>[number];
type DeletedTopic = NonNullable<InputOf<DeleteTopicsResponse>['responses']>[number];

const METADATA_TOPIC_OF_KRAFT = '__cluster_metadata';
/** First version that knows TOPIC_DELETION_DISABLED. */
const FIRST_WITH_DELETION_DISABLED = 3;
/** First version that names topics or their ids one by one. */
const FIRST_WITH_TOPIC_IDS = 6;

export class TopicRequests {
  constructor(private readonly parts: TopicRequestParts) {}

  async createTopics(request: CreateTopicsRequest): Promise<InputOf<CreateTopicsResponse>> {
    const { controller } = this.parts;
    if (!controller.isActive) {
      return { topics: request.topics.map(({ name }) => ({ name, ...fields(NOT_CONTROLLER) })) };
    }
    const startMs = this.parts.clock.monotonicMs();
    const names = request.topics.map(({ name }) => name);
    const created: { topic: CreatedTopic; planned: PlannedTopic | null }[] = [];
    for (const topic of request.topics) {
      if (topic.name === METADATA_TOPIC_OF_KRAFT) {
        const text = `Creation of internal topic ${METADATA_TOPIC_OF_KRAFT} is prohibited.`;
        created.push({ topic: failed(topic.name, outcome('INVALID_REQUEST', text)), planned: null });
      } else if (names.filter((name) => name === topic.name).length > 1) {
        const text = 'Found multiple entries for this topic.';
        created.push({ topic: failed(topic.name, outcome('INVALID_REQUEST', text)), planned: null });
      } else {
        created.push(await this.createOne(topic, request.validateOnly));
      }
    }
    const made = created.flatMap(({ planned }) => planned ?? []);
    if (request.validateOnly || made.length === 0) return { topics: created.map(({ topic }) => topic) };
    const leftMs = request.timeoutMs - (this.parts.clock.monotonicMs() - startMs);
    await this.waitForLeaders(made, request.timeoutMs <= 0 ? 0 : leftMs);
    return {
      topics: created.map(({ topic, planned }) => {
        const late = planned !== null && (request.timeoutMs <= 0 || !this.hasLeaders(planned));
        return late ? { ...failed(topic.name ?? '', outcome('REQUEST_TIMED_OUT')), topicId: topic.topicId } : topic;
      }),
    };
  }

  private async createOne(
    topic: CreateTopicsRequest['topics'][number],
    validateOnly: boolean,
  ): Promise<{ topic: CreatedTopic; planned: PlannedTopic | null }> {
    const { creation, config, logger } = this.parts;
    try {
      const planned = await creation.plan(toWish(topic));
      const topicId = validateOnly ? ZERO_UUID : await creation.create(planned);
      const configs = describeTopic(config, planned.configs).map(({ name, value, readOnly, source, sensitive }) => ({
        name,
        value,
        readOnly,
        configSource: source,
        isSensitive: sensitive,
      }));
      const numPartitions = planned.assignments.size;
      const replicationFactor = planned.assignments.get(0)?.length ?? -1;
      return {
        topic: { name: topic.name, topicId, ...fields(SUCCESS), numPartitions, replicationFactor, configs },
        planned,
      };
    } catch (error) {
      const result = outcomeOf(error);
      if (result.error === Errors.UNKNOWN_SERVER_ERROR)
        logger.error(`Error processing create topic request for ${topic.name}`, error);
      else
        logger.info(
          `Error processing create topic request for ${topic.name}: ${result.error.name}: ${result.text ?? ''}`,
        );
      return { topic: failed(topic.name, result), planned: null };
    }
  }

  async createPartitions(request: CreatePartitionsRequest): Promise<InputOf<CreatePartitionsResponse>> {
    const { controller, clock } = this.parts;
    const answer = (
      name: string,
      result: AdminOutcome,
    ): { name: string; errorCode: number; errorMessage: string | null } => ({
      name,
      ...fields(result),
    });
    if (!controller.isActive) return { results: request.topics.map(({ name }) => answer(name, NOT_CONTROLLER)) };
    const startMs = clock.monotonicMs();
    const names = request.topics.map(({ name }) => name);
    const results = new Map<string, AdminOutcome>();
    const grown: PlannedTopic[] = [];
    for (const topic of uniqueByName(request.topics)) {
      if (names.filter((name) => name === topic.name).length > 1) {
        results.set(topic.name, outcome('INVALID_REQUEST', 'Duplicate topic in request.'));
      } else if (controller.isTopicQueuedForDeletion(topic.name)) {
        results.set(topic.name, outcome('INVALID_TOPIC_EXCEPTION', 'The topic is queued for deletion.'));
      } else {
        results.set(topic.name, await this.growOne(topic, request.validateOnly, grown));
      }
    }
    if (!request.validateOnly && grown.length > 0) {
      const leftMs = request.timeoutMs - (clock.monotonicMs() - startMs);
      await this.waitForLeaders(grown, request.timeoutMs <= 0 ? 0 : leftMs);
      for (const topic of grown) {
        if (request.timeoutMs <= 0 || !this.hasLeaders(topic)) results.set(topic.name, outcome('REQUEST_TIMED_OUT'));
      }
    }
    return { results: [...results].map(([name, result]) => answer(name, result)) };
  }

  private async growOne(
    topic: CreatePartitionsRequest['topics'][number],
    validateOnly: boolean,
    grown: PlannedTopic[],
  ): Promise<AdminOutcome> {
    const { zk, logger } = this.parts;
    try {
      const planned = await planPartitions(zk, topic);
      if (validateOnly) return SUCCESS;
      const path = znodes.topicPath(topic.name);
      logger.info(
        `Creating ${planned.added} partitions for '${topic.name}', which then has ${planned.assignment.partitions.size}`,
      );
      await zk.setData(path, znodes.encodeTopicAssignment(planned.assignment), -1);
      const assignments = new Map([...planned.assignment.partitions].map(([index, { replicas }]) => [index, replicas]));
      grown.push({ name: topic.name, assignments, configs: new Map() });
      return SUCCESS;
    } catch (error) {
      const result = outcomeOf(error);
      if (result.error === Errors.UNKNOWN_SERVER_ERROR)
        logger.error(`Error while adding partitions to ${topic.name}`, error);
      return result;
    }
  }

  async deleteTopics(request: DeleteTopicsRequest, version: number): Promise<InputOf<DeleteTopicsResponse>> {
    const { controller, config, clock, metadata } = this.parts;
    const wanted = wantedTopics(request, version);
    const refuse = (error: WireError): InputOf<DeleteTopicsResponse> => ({
      responses: wanted.map(({ name, topicId }) => ({ name, topicId, errorCode: error.code })),
    });
    if (!controller.isActive) return refuse(Errors.NOT_CONTROLLER);
    if (!config.deleteTopicEnable) {
      return refuse(version < FIRST_WITH_DELETION_DISABLED ? Errors.INVALID_REQUEST : Errors.TOPIC_DELETION_DISABLED);
    }
    const startMs = clock.monotonicMs();
    const deleted: string[] = [];
    const responses: DeletedTopic[] = [];
    for (const { name: givenName, topicId } of wanted) {
      if (givenName !== null && topicId !== ZERO_UUID) {
        throw new KafkaError('INVALID_REQUEST', 'Topic name and topic ID can not both be specified.');
      }
      const name = topicId === ZERO_UUID ? givenName : controller.topicName(topicId);
      let error: WireError = Errors.NONE;
      if (name === null) error = Errors.UNKNOWN_TOPIC_ID;
      else if (!metadata.partitions(name)) error = Errors.UNKNOWN_TOPIC_OR_PARTITION;
      else error = await this.deleteOne(name);
      if (name !== null && error === Errors.NONE) deleted.push(name);
      responses.push({ name, topicId, errorCode: error.code });
    }
    const isGone = (topic: string): boolean => metadata.partitions(topic) === null;
    const leftMs = request.timeoutMs <= 0 ? 0 : request.timeoutMs - (clock.monotonicMs() - startMs);
    await waitForMetadata(metadata, clock, leftMs, () => deleted.every(isGone));
    return {
      responses: responses.map((response) => {
        const { name } = response;
        if (!name || !deleted.includes(name)) return response;
        const late = request.timeoutMs <= 0 || !isGone(name);
        return late ? { ...response, errorCode: Errors.REQUEST_TIMED_OUT.code } : response;
      }),
    };
  }

  private async deleteOne(topic: string): Promise<WireError> {
    const { zk, logger } = this.parts;
    try {
      if (!(await zk.exists(znodes.topicPath(topic)))) return Errors.UNKNOWN_TOPIC_OR_PARTITION;
      await zk.createRecursive(znodes.deleteTopicPath(topic), null);
      return Errors.NONE;
    } catch (error) {
      // Somebody asked for it before: wait for the same deletion.
      if (isZkError(error, 'NODE_EXISTS')) return Errors.NONE;
      logger.error(`Error processing delete topic request for topic ${topic}`, error);
      return Errors.UNKNOWN_SERVER_ERROR;
    }
  }

  private waitForLeaders(topics: readonly PlannedTopic[], timeoutMs: number): Promise<boolean> {
    return waitForMetadata(this.parts.metadata, this.parts.clock, timeoutMs, () =>
      topics.every((t) => this.hasLeaders(t)),
    );
  }

  private hasLeaders({ name, assignments }: PlannedTopic): boolean {
    const partitions = this.parts.metadata.partitions(name);
    if (!partitions) return false;
    return [...assignments.keys()].every(
      (partition) => (partitions.get(partition)?.leader ?? znodes.NO_LEADER) !== znodes.NO_LEADER,
    );
  }
}

function fields({ error, text }: AdminOutcome): { errorCode: number; errorMessage: string | null } {
  return { errorCode: error.code, errorMessage: text };
}

function failed(name: string, result: AdminOutcome): CreatedTopic {
  return { name, ...fields(result), numPartitions: -1, replicationFactor: -1, configs: [] };
}

function uniqueByName<T extends { readonly name: string }>(topics: readonly T[]): T[] {
  return [...new Map(topics.map((topic) => [topic.name, topic])).values()];
}

function toWish({
  name,
  numPartitions,
  replicationFactor,
  assignments,
  configs,
}: CreateTopicsRequest['topics'][number]): TopicWish {
  const manual = new Map(assignments.map(({ partitionIndex, brokerIds }) => [partitionIndex, brokerIds]));
  return { name, partitions: numPartitions, replicationFactor, assignments: manual.size > 0 ? manual : null, configs };
}

function wantedTopics(request: DeleteTopicsRequest, version: number): { name: string | null; topicId: string }[] {
  if (version >= FIRST_WITH_TOPIC_IDS) return request.topics.map(({ name, topicId }) => ({ name, topicId }));
  return request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
}
