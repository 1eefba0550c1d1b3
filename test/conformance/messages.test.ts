/**
 * Random messages of every API and internal record in every version: ours reads back what it wrote, and Apache Kafka's
 * own generated classes read the same bytes and write them again identically.
 */
import * as fc from 'fast-check';
import {
  codecFor,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  Reader,
  readRequestHeaderRest,
  readRequestHeaderStart,
  Writer,
  type Api,
  type Message,
} from '../../protocol';
import { allApis } from '../../protocol/api-table';
import * as internalModules from '../../protocol/internal';
import { arbitraryMessage, type AnyMessage } from '../support/arbitrary-message';
import { askKafka } from '../support/kafka-echo';

const internals = (Object.values(internalModules) as unknown as Message[]).filter((value) => value.fields);

const SEED = Number(process.env['GREGOR_SEED'] ?? 2024);
const RUNS = 25;
const CORRELATION_ID = 77;
/** Room for Maven, should the jars have to be fetched first. */
const TIMEOUT_MS = 600_000;

const versionsOf = (message: Message): number[] =>
  Array.from({ length: message.versions.max - message.versions.min + 1 }, (_, index) => message.versions.min + index);

const samples = (message: Message, version: number): AnyMessage[] =>
  fc.sample(arbitraryMessage(message, version), { seed: SEED, numRuns: RUNS });

interface Case {
  label: string;
  value: AnyMessage;
  /** What our codec reads from the bytes that it wrote. */
  decoded: unknown;
  /** The question to Kafka, and the bytes that it is to answer. */
  command: string;
  hex: string;
}

function requestCases(api: Api): Case[] {
  return versionsOf(api.request).flatMap((version) =>
    samples(api.request, version).map((value, index) => {
      const clientId = ['client-ä', '', null][index % 3] as string | null;
      const hex = requestHex(api, version, clientId, value);
      const reader = new Reader(Buffer.from(hex, 'hex'));
      expect(readRequestHeaderStart(reader)).toMatchObject({ apiKey: api.key, apiVersion: version });
      const hasClientId = !(api.name === 'ControlledShutdown' && version === 0);
      expect(readRequestHeaderRest(reader, api, version)).toBe(hasClientId ? clientId : null);
      const decoded = decodeRequest(api, version, reader);
      expect(reader.remaining).toBe(0);
      // Kafka takes a client id of null for an empty one, and so writes it.
      const expected = requestHex(api, version, clientId ?? '', value);
      return { label: `${api.name} request v${version}`, value, decoded, command: `request ${hex}`, hex: expected };
    }),
  );
}

function requestHex(api: Api, version: number, clientId: string | null, value: AnyMessage): string {
  const frame = Buffer.concat(encodeRequest(api, version, CORRELATION_ID, clientId, value));
  expect(frame.readInt32BE(0)).toBe(frame.length - 4);
  return frame.toString('hex', 4);
}

function responseCases(api: Api): Case[] {
  return versionsOf(api.response).flatMap((version) =>
    samples(api.response, version).map((value) => {
      const frame = Buffer.concat(encodeResponse(api, version, CORRELATION_ID, value)).subarray(4);
      const { correlationId, body } = decodeResponse(api, version, new Reader(frame));
      expect(correlationId).toBe(CORRELATION_ID);
      const hex = frame.toString('hex');
      return {
        label: `${api.name} response v${version}`,
        value,
        command: `response ${api.key} ${version} ${hex}`,
        hex,
        decoded: body,
      };
    }),
  );
}

function internalCases(message: Message): Case[] {
  return versionsOf(message).flatMap((version) =>
    samples(message, version).map((value) => {
      const writer = new Writer();
      codecFor(message, version).encode(writer, value);
      const bytes = writer.toBuffer();
      const hex = bytes.toString('hex');
      return {
        label: `${message.name} v${version}`,
        value,
        command: `message ${kafkaClass(message.name)} ${version} ${hex}`,
        hex,
        decoded: codecFor(message, version).decode(new Reader(bytes)),
      };
    }),
  );
}

function kafkaClass(name: string): string {
  if (name.startsWith('ConsumerProtocol')) return `org.apache.kafka.common.message.${name}`;
  const module = name.startsWith('TransactionLog') ? 'transaction' : 'group';
  return `org.apache.kafka.coordinator.${module}.generated.${name}`;
}

/** The first few cases in which our own reader or Kafka sees something else than what was written. */
async function disagreements(cases: readonly Case[]): Promise<unknown[]> {
  for (const { label, value, decoded } of cases) expect({ label, value: decoded }).toEqual({ label, value });
  const answers = await askKafka(cases.map(({ command }) => command));
  return cases
    .map(({ label, value, hex }, index) => ({ label, value, hex, kafka: answers[index] }))
    .filter(({ hex, kafka }) => hex !== kafka)
    .slice(0, 3);
}

test(
  'every request in every version is read and written alike by Kafka',
  async () => expect(await disagreements(allApis.flatMap(requestCases))).toEqual([]),
  TIMEOUT_MS,
);

test(
  'every response in every version is read and written alike by Kafka',
  async () => expect(await disagreements(allApis.flatMap(responseCases))).toEqual([]),
  TIMEOUT_MS,
);

test(
  'every internal record in every version is read and written alike by Kafka',
  async () => expect(await disagreements(internals.flatMap(internalCases))).toEqual([]),
  TIMEOUT_MS,
);
