/** Topics: the list, one topic, its configuration; making, changing and deleting them; electing leaders. */
import { Type } from '@sinclair/typebox';
import { describeTopicConfig } from '../../actions/describe-configs';
import { electPreferredLeaders } from '../../actions/elect-leaders';
import { CHANGE_TIMEOUT_MS, LOOK_TIMEOUT_MS, withClient } from '../../actions/own-client';
import { alterTopic, createTopic, deleteTopic } from '../../actions/topics';
import type { CoordinatorParts } from '../../parts';
import {
  ConfigList,
  Done,
  ElectionAnswer,
  ElectionRequest,
  NewTopic,
  TopicAlteration,
  TopicDetail,
  TopicPage,
} from '../../schemas';
import { type Route, route } from '../route';
import { absent } from './absent';
import { limit, TopicName } from './parameters';

const tag = 'Topics';
const params = Type.Object({ topic: TopicName });
const MOST_TOPICS = 10_000;

const pageQuery = Type.Object({
  contains: Type.Optional(Type.String({ maxLength: 249, description: 'Only topics with this in their name' })),
  from: Type.Optional(Type.Integer({ minimum: 0, description: 'How many to leave out at the beginning' })),
  limit: Type.Optional(limit(MOST_TOPICS, MOST_TOPICS)),
});

function readRoutes(parts: CoordinatorParts): Route[] {
  const { observation } = parts;
  return [
    route({
      method: 'get',
      path: '/api/topics',
      tag,
      summary: 'Topics by name, or a page of them',
      query: pageQuery,
      answer: TopicPage,
      handle: ({ query: { contains = '', from = 0, limit: most = MOST_TOPICS } }) => {
        const { freshness, topics } = observation.topics();
        const found = contains === '' ? topics : topics.filter(({ name }) => name.includes(contains));
        return { freshness, topics: found.slice(from, from + most), total: found.length };
      },
    }),
    route({
      method: 'get',
      path: '/api/topics/{topic}',
      tag,
      summary: 'One topic with its partitions',
      params,
      answer: TopicDetail,
      handle: ({ params: { topic } }) => {
        const detail = observation.topic(topic);
        if (!detail) throw absent(parts.tree.ready, 'UNKNOWN_TOPIC_OR_PARTITION', `There is no topic ${topic}`);
        return detail;
      },
    }),
    route({
      method: 'get',
      path: '/api/topics/{topic}/configs',
      tag,
      summary: 'The configuration of a topic, value by value with where it comes from',
      params,
      answer: ConfigList,
      handle: ({ params: { topic } }) =>
        withClient(parts, LOOK_TIMEOUT_MS, (cluster) => describeTopicConfig(cluster, topic)),
    }),
  ];
}

function actionRoutes(parts: CoordinatorParts): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/topics',
      tag,
      summary: 'Makes a topic',
      body: NewTopic,
      answer: Done,
      status: 201,
      action: true,
      handle: ({ body }) => withClient(parts, CHANGE_TIMEOUT_MS, (cluster) => createTopic(cluster, body)),
    }),
    route({
      method: 'patch',
      path: '/api/topics/{topic}',
      tag,
      summary: 'Gives a topic more partitions, or another configuration',
      params,
      body: TopicAlteration,
      answer: Done,
      action: true,
      handle: ({ params: { topic }, body }) =>
        withClient(parts, CHANGE_TIMEOUT_MS, (cluster) => alterTopic(cluster, topic, body)),
    }),
    route({
      method: 'delete',
      path: '/api/topics/{topic}',
      tag,
      summary: 'Deletes a topic and all its records',
      params,
      answer: Done,
      action: true,
      handle: ({ params: { topic } }) => withClient(parts, CHANGE_TIMEOUT_MS, (cluster) => deleteTopic(cluster, topic)),
    }),
    route({
      method: 'post',
      path: '/api/elections',
      tag,
      summary: 'Makes the preferred replicas leaders: of one partition, of a topic, or of all',
      body: ElectionRequest,
      answer: ElectionAnswer,
      action: true,
      handle: ({ body }) => withClient(parts, CHANGE_TIMEOUT_MS, (cluster) => electPreferredLeaders(cluster, body)),
    }),
  ];
}

export function topicRoutes(parts: CoordinatorParts): Route[] {
  return [...readRoutes(parts), ...actionRoutes(parts)];
}
