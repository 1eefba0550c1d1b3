/** Records: looking at those in a topic, and producing one. */
import { Type } from '@sinclair/typebox';
import { LOOK_TIMEOUT_MS, withClient } from '../../actions/own-client';
import { produceRecord } from '../../actions/produce-record';
import { browseRecords } from '../../actions/record-browser';
import type { CoordinatorParts } from '../../parts';
import { NewRecord, PartitionIndex, PointInTime, ProducedRecord, RecordPage } from '../../schemas';
import { type Route, route } from '../route';
import { limit, Offset, TopicName } from './parameters';

const tag = 'Records';
const params = Type.Object({ topic: TopicName });
const MOST_RECORDS = 500;
/** A topic of a thousand partitions, with offsets of up to 16 digits. */
const LONGEST_FROM = 24_000;
const MOST_PREVIEW_BYTES = 1_048_576;

const browseQuery = Type.Object({
  partition: Type.Optional(PartitionIndex),
  offset: Type.Optional(Offset),
  timeMs: Type.Optional(PointInTime),
  from: Type.Optional(
    Type.String({
      pattern: '^\\d{1,10}:\\d{1,16}(,\\d{1,10}:\\d{1,16})*$',
      maxLength: LONGEST_FROM,
      description: 'Where to go on, from `next` of the page before: partition:offset,…',
    }),
  ),
  newest: Type.Optional(Type.Boolean({ description: 'The newest first, going back' })),
  limit: Type.Optional(limit(MOST_RECORDS, 50)),
  key: Type.Optional(Type.String({ maxLength: 1_000, description: 'Only records with this in their key' })),
  value: Type.Optional(Type.String({ maxLength: 1_000, description: 'Only records with this in their value' })),
  previewBytes: Type.Optional(
    Type.Integer({ minimum: 0, maximum: MOST_PREVIEW_BYTES, description: 'How much of a key or value is shown' }),
  ),
});

export function recordRoutes(parts: CoordinatorParts): Route[] {
  const { kafka, clock } = parts;
  return [
    route({
      method: 'get',
      path: '/api/topics/{topic}/records',
      tag,
      summary: 'Records from an offset or a time on, or the newest; without a group, nothing is committed',
      params,
      query: browseQuery,
      answer: RecordPage,
      handle: ({ params: { topic }, query, signal }) =>
        withClient(parts, LOOK_TIMEOUT_MS, (cluster) => browseRecords({ cluster, clock, signal }, { ...query, topic })),
    }),
    route({
      method: 'post',
      path: '/api/topics/{topic}/records',
      tag,
      summary: 'Produces a record and waits for all in-sync replicas',
      params,
      body: NewRecord,
      answer: ProducedRecord,
      status: 201,
      action: true,
      handle: ({ params: { topic }, body }) =>
        withClient(parts, LOOK_TIMEOUT_MS, (cluster) =>
          produceRecord({ cluster, producer: () => kafka.producer() }, topic, body),
        ),
    }),
  ];
}
