import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  ProtocolError,
  Reader,
  readRequestHeaderRest,
  readRequestHeaderStart,
} from '../../../protocol';
import { apiVersions, controlledShutdown, metadata } from '../../../protocol/apis';

const join = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('hex');
const bare = (text: string): string => text.replaceAll(' ', '');
const reader = (hex: string): Reader => new Reader(Buffer.from(bare(hex), 'hex'));

test('a classic request has size, key, version, correlation id and client id in front', () => {
  const frame = encodeRequest(metadata, 1, 7, 'me', { topics: null });
  expect(join(frame)).toBe(bare('00000010 0003 0001 00000007 0002 6d65 ffffffff'));
});

test('a flexible request has tagged fields behind its header, and the client id stays classic', () => {
  const frame = encodeRequest(apiVersions, 3, 7, null, { clientSoftwareName: 'a', clientSoftwareVersion: 'b' });
  expect(join(frame)).toBe(bare('00000010 0012 0003 00000007 ffff 00 0261 0262 00'));
});

test('the oldest ControlledShutdown has no client id', () => {
  expect(join(encodeRequest(controlledShutdown, 0, 7, 'me', { brokerId: 1 }))).toBe(
    bare('0000000c 0007 0000 00000007 00000001'),
  );
  const bytes = reader('0007 0000 00000007 00000001');
  readRequestHeaderStart(bytes);
  expect(readRequestHeaderRest(bytes, controlledShutdown, 0)).toBeNull();
  expect(decodeRequest(controlledShutdown, 0, bytes)).toMatchObject({ brokerId: 1 });
});

test('a flexible response has tagged fields behind its correlation id, but not that of ApiVersions', () => {
  expect(join(encodeResponse(controlledShutdown, 3, 7, { errorCode: 0 }))).toBe(
    bare('00000009 00000007 00 0000 01 00'),
  );
  expect(join(encodeResponse(apiVersions, 3, 7, { errorCode: 35 }))).toBe(
    bare('0000000c 00000007 0023 01 00000000 00'),
  );
});

test('the header of an ApiVersions request of an unknown newer version can be read', () => {
  const bytes = reader('0012 0009 00000007 0002 6d65 00 ff');
  expect(readRequestHeaderStart(bytes)).toEqual({ apiKey: 18, apiVersion: 9, correlationId: 7 });
  expect(readRequestHeaderRest(bytes, apiVersions, 9)).toBe('me');
  expect(bytes.remaining).toBe(1);
});

test('a response is decoded together with its correlation id', () => {
  const { correlationId, body } = decodeResponse(apiVersions, 0, reader('00000007 0000 00000001 0000 0000 000b'));
  expect(correlationId).toBe(7);
  expect(body.apiKeys).toEqual([{ apiKey: 0, minVersion: 0, maxVersion: 11 }]);
});

test('bytes behind a request are tolerated, as Kafka tolerates them', () => {
  const bytes = reader('ffffffff 0000');
  expect(decodeRequest(metadata, 1, bytes)).toMatchObject({ topics: null });
  expect(bytes.remaining).toBe(2);
});

test('a request that ends too early or has an unknown version is a ProtocolError', () => {
  expect(() => decodeRequest(metadata, 1, reader('0000'))).toThrow(ProtocolError);
  expect(() => decodeRequest(metadata, 13, reader('0000'))).toThrow('MetadataRequest has no version 13');
  expect(() => readRequestHeaderStart(reader('0003'))).toThrow(ProtocolError);
});
