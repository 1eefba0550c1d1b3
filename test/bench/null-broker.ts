/**
 * The least that a broker can do: answer the handshake, check the CRC of what is produced, append it to a file. What it
 * reaches is the ceiling of client and runtime on a machine; the benchmarks hold Gregor against it.
 * Usage: node null-broker.js PORT FILE PARTITIONS
 */
import { openSync, writeSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { crc32c } from '@node-rs/crc32';
import {
  decodeRequest,
  encodeResponse,
  FrameParser,
  Reader,
  readRequestHeaderRest,
  readRequestHeaderStart,
} from '../../protocol';
import type { Api, Fields, InputOf, MessageOf } from '../../protocol';
import { apiVersions, initProducerId, metadata, produce, type ProduceRequest } from '../../protocol/apis';

const CRC_POSITION = 17;
const CRC_COVERS_FROM = 21;
const MAX_FRAME_BYTES = 100 * 1024 * 1024;
const TOPIC_ID = 'bnVsbC1icm9rZXItdG9waQ';

const [port, file, partitionCount] = [Number(process.argv[2]), process.argv[3] ?? '', Number(process.argv[4] ?? 1)];
const log = openSync(file, 'a');
const nextOffsets = new Map<string, number>();
const apis: Api[] = [apiVersions, metadata, initProducerId, produce] as unknown as Api[];

type Respond = <S extends Fields>(api: Api<Fields, S>, body: InputOf<MessageOf<S>>) => void;

function append(topic: string, index: number, records: Buffer): number {
  if (crc32c(records.subarray(CRC_COVERS_FROM)) !== records.readUInt32BE(CRC_POSITION)) throw new Error('bad CRC');
  writeSync(log, records);
  const key = `${topic}-${index}`;
  const base = nextOffsets.get(key) ?? 0;
  nextOffsets.set(key, base + records.readInt32BE(57));
  return base;
}

function answerProduce(request: ProduceRequest): InputOf<MessageOf<typeof produce.response.fields>> {
  return {
    responses: request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => ({
        index,
        baseOffset: append(name, index, records as Buffer),
      })),
    })),
  };
}

function answerMetadata(names: readonly string[]): InputOf<MessageOf<typeof metadata.response.fields>> {
  const partitions = Array.from({ length: partitionCount }, (_, partitionIndex) => ({
    partitionIndex,
    leaderId: 0,
    replicaNodes: [0],
    isrNodes: [0],
  }));
  return {
    brokers: [{ nodeId: 0, host: '127.0.0.1', port }],
    clusterId: 'null',
    controllerId: 0,
    topics: names.map((name) => ({ name, topicId: TOPIC_ID, partitions })),
  };
}

function answer(key: number, version: number, reader: Reader, respond: Respond): void {
  if (key === produce.key) {
    const request = decodeRequest(produce, version, reader);
    const body = answerProduce(request);
    if (request.acks !== 0) respond(produce, body);
  } else if (key === metadata.key) {
    const request = decodeRequest(metadata, version, reader);
    respond(metadata, answerMetadata((request.topics ?? []).map((topic) => topic.name as string)));
  } else if (key === initProducerId.key) {
    respond(initProducerId, { producerId: 1, producerEpoch: 0 });
  } else {
    const apiKeys = apis.map((api) => ({
      apiKey: api.key,
      minVersion: api.request.versions.min,
      maxVersion: api.request.versions.max,
    }));
    respond(apiVersions, { apiKeys });
  }
}

function serve(socket: Socket): void {
  const parser = new FrameParser(MAX_FRAME_BYTES);
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    parser.push(chunk);
    for (let frame = parser.next(); frame; frame = parser.next()) {
      const reader = new Reader(frame);
      const { apiKey, apiVersion, correlationId } = readRequestHeaderStart(reader);
      const api = apis.find((candidate) => candidate.key === apiKey);
      if (!api) return void socket.destroy();
      readRequestHeaderRest(reader, api, apiVersion);
      answer(apiKey, apiVersion, reader, (to, body) => {
        for (const piece of encodeResponse(to, apiVersion, correlationId, body)) socket.write(piece);
      });
    }
  });
}

createServer(serve).listen(port, '127.0.0.1', () => console.log(`null broker on ${port}`));
