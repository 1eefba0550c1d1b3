/** Checks of requests: what is turned into what, and what is said of mistakes. */
import { Type } from '@sinclair/typebox';
import { validator } from '../../../../coordinator/http/validate';
import { ElectionRequest, NewRecord, NewTopic, OffsetReset, TopicAlteration } from '../../../../coordinator/schemas';

const mistake = (check: (value: unknown) => unknown, value: unknown): string => {
  try {
    check(value);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(value)} was taken`);
};

describe('a check of a query', () => {
  const check = validator(
    'query',
    Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
      newest: Type.Optional(Type.Boolean()),
      text: Type.Optional(Type.String()),
    }),
  );

  it('turns text into numbers and booleans, and leaves text alone', () => {
    expect(check({ limit: '12', newest: 'true', text: '12' })).toEqual({ limit: 12, newest: true, text: '12' });
    expect(check({ newest: 'false' })).toEqual({ newest: false });
    expect(check({})).toEqual({});
  });

  it('does not change what it was given', () => {
    const given = { limit: '12' };
    check(given);
    expect(given).toEqual({ limit: '12' });
  });

  it('names parameter, value and what is allowed', () => {
    expect(mistake(check, { limit: '1.5' })).toBe('Query parameter limit: "1.5" is not allowed: it must be integer');
    expect(mistake(check, { limit: '' })).toBe('Query parameter limit: "" is not allowed: it must be integer');
    expect(mistake(check, { newest: 'yes' })).toBe('Query parameter newest: "yes" is not allowed: it must be boolean');
    expect(mistake(check, { limt: '1' })).toBe('Query parameter "limt" is not known; known are: limit, newest, text');
  });

  it('shows no more than the beginning of a long value', () => {
    expect(mistake(check, { limit: 'x'.repeat(10_000) }).length).toBeLessThan(250);
  });
});

describe('a check of a body', () => {
  const topic = validator('body', NewTopic);

  it('turns nothing into anything', () => {
    expect(mistake(topic, { name: 'orders', partitions: '3' })).toBe(
      'Body field partitions: "3" is not allowed: it must be integer',
    );
    expect(topic({ name: 'orders', partitions: 3 })).toEqual({ name: 'orders', partitions: 3 });
  });

  it('names what is missing or not known, also inside', () => {
    expect(mistake(topic, {})).toBe('Body field name is missing');
    expect(mistake(topic, { name: 'x', replicas: 1 })).toBe(
      'Body field "replicas" is not known; known are: name, partitions, replicationFactor, configs',
    );
    expect(mistake(topic, { name: 'x', configs: { 'retention.ms': 5 } })).toBe(
      'Body field configs.retention.ms: 5 is not allowed: it must be string',
    );
    expect(mistake(topic, null)).toBe('The body null is not allowed: it must be object');
  });

  it('shows no more than the surface of what is nested', () => {
    const nested = (open: string, close: string) => JSON.parse(open.repeat(30_000) + close.repeat(30_000)) as unknown;
    expect(mistake(topic, { name: nested('[', ']') })).toBe('Body field name: ["…"] is not allowed: it must be string');
    expect(mistake(topic, nested('[', ']'))).toBe('The body ["…"] is not allowed: it must be object');
    expect(mistake(topic, { name: { a: nested('[', ']') } })).toContain('name: an object is not allowed');
  });

  it('lists the words that are allowed', () => {
    expect(mistake(validator('body', OffsetReset), { topic: 'x', to: 'middle' })).toBe(
      'Body field to: "middle" is not allowed: it must be one of earliest, latest, offset, time',
    );
  });

  it('lets no number pass that Kafka’s protocol cannot carry', () => {
    expect(mistake(validator('body', ElectionRequest), { topic: 'x', partition: 9_104_354_074 })).toContain(
      '<= 2147483647',
    );
    expect(mistake(validator('body', NewRecord), { value: '', partition: 2 ** 31 })).toContain('<= 2147483647');
    const reset = validator('body', OffsetReset);
    expect(mistake(reset, { topic: 'x', to: 'time', timeMs: 1e300 })).toContain('<= 8640000000000000');
    expect(mistake(reset, { topic: 'x', to: 'offset', offset: 2 ** 60 })).toContain('<= 9007199254740991');
  });

  it('tells null from what is left out', () => {
    const record = validator('body', NewRecord);
    expect(record({ key: null, value: null })).toEqual({ key: null, value: null });
    expect(mistake(record, { key: 'k' })).toBe('Body field value is missing');
    const alteration = validator('body', TopicAlteration);
    expect(alteration({ configs: { 'retention.ms': null } })).toEqual({ configs: { 'retention.ms': null } });
  });

  it('lets no body reach what all objects share', () => {
    const body = JSON.parse('{"name":"x","configs":{"__proto__":"y"}}') as unknown;
    topic(body);
    expect(({} as Record<string, unknown>)['y']).toBeUndefined();
    expect(mistake(topic, JSON.parse('{"name":"x","__proto__":{"a":1}}'))).toContain('"__proto__" is not known');
  });
});
