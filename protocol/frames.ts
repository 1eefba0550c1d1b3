/**
 * Requests and responses as they travel: a 4-byte size, a header, a body.
 *
 * Request header: v0 without client id (ControlledShutdown v0 only), v1, v2 with tagged fields for flexible versions.
 * Response header: v0, v1 for flexible versions; that of ApiVersions is always v0, so that a client can read the
 * answer before it knows what the broker speaks (KIP-511).
 */
import type { Api } from './api';
import { ProtocolError, Writer, type Reader } from './primitives';
import { codecFor, contains, type Fields, type InputOf, type MessageOf } from './schema';

const API_VERSIONS_KEY = 18;
const CONTROLLED_SHUTDOWN_KEY = 7;

export interface RequestHeader {
  apiKey: number;
  apiVersion: number;
  correlationId: number;
  /** Null where the client gives none. */
  clientId: string | null;
}

/** Reads the fixed part of a request header; what comes after it depends on the API, see readClientId. */
export function readRequestHeaderStart(reader: Reader): Omit<RequestHeader, 'clientId'> {
  return { apiKey: reader.int16(), apiVersion: reader.int16(), correlationId: reader.int32() };
}

/** Reads the rest of a request header: client id and, in flexible versions, tagged fields. */
export function readRequestHeaderRest(reader: Reader, api: Api, apiVersion: number): string | null {
  if (api.key === CONTROLLED_SHUTDOWN_KEY && apiVersion === 0) return null;
  const clientId = reader.nullableString();
  if (contains(api.request.flexible, apiVersion)) reader.skipTags();
  return clientId;
}

/** Decodes a request's body; ProtocolError when the bytes do not fit the definition. */
export function decodeRequest<Q extends Fields>(api: Api<Q, Fields>, version: number, reader: Reader): MessageOf<Q> {
  return decoding(() => codecFor(api.request, version).decode(reader));
}

/** A whole request frame, size included, as chunks to be written in order. */
export function encodeRequest<Q extends Fields>(
  api: Api<Q, Fields>,
  version: number,
  correlationId: number,
  clientId: string | null,
  body: InputOf<MessageOf<Q>>,
): Buffer[] {
  const writer = Writer.frame();
  writer.int16(api.key);
  writer.int16(version);
  writer.int32(correlationId);
  if (!(api.key === CONTROLLED_SHUTDOWN_KEY && version === 0)) writer.nullableString(clientId);
  if (contains(api.request.flexible, version)) writer.uvarint(0);
  codecFor(api.request, version).encode(writer, body);
  return writer.finishFrame();
}

/** A whole response frame, size included, as chunks to be written in order. */
export function encodeResponse<S extends Fields>(
  api: Api<Fields, S>,
  version: number,
  correlationId: number,
  body: InputOf<MessageOf<S>>,
): Buffer[] {
  const writer = Writer.frame();
  writer.int32(correlationId);
  if (hasFlexibleResponseHeader(api, version)) writer.uvarint(0);
  codecFor(api.response, version).encode(writer, body);
  return writer.finishFrame();
}

/** Decodes a response frame without its size: `reader` stands at the correlation id. */
export function decodeResponse<S extends Fields>(
  api: Api<Fields, S>,
  version: number,
  reader: Reader,
): { correlationId: number; body: MessageOf<S> } {
  return decoding(() => {
    const correlationId = reader.int32();
    if (hasFlexibleResponseHeader(api, version)) reader.skipTags();
    return { correlationId, body: codecFor(api.response, version).decode(reader) };
  });
}

function hasFlexibleResponseHeader(api: Api<Fields, Fields>, version: number): boolean {
  return api.key !== API_VERSIONS_KEY && contains(api.response.flexible, version);
}

function decoding<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError(`cannot decode: ${(error as Error).message}`);
  }
}
