import { payloadOf, withoutSecrets } from '../../../../coordinator/recorder/payload';

describe('a payload as people may see it', () => {
  it('is text where it is UTF-8, and base64 where it is not', () => {
    expect(payloadOf(Buffer.from('{"ä":1}'), 100)).toEqual({
      encoding: 'utf8',
      text: '{"ä":1}',
      bytes: 8,
      truncated: false,
    });
    expect(payloadOf(Buffer.from([0xff, 0]), 100)).toEqual({
      encoding: 'base64',
      text: '/wA=',
      bytes: 2,
      truncated: false,
    });
    expect(payloadOf(Buffer.alloc(0), 100)).toEqual({ encoding: 'utf8', text: '', bytes: 0, truncated: false });
  });

  it('is cut where it is long, but not in the middle of a character', () => {
    const long = Buffer.from('€'.repeat(10));
    expect(payloadOf(long, 10)).toEqual({ encoding: 'utf8', text: '€€€', bytes: 30, truncated: true });
    expect(payloadOf(long, 9).text).toBe('€€€');
  });
});

describe('secrets in znodes', () => {
  const hidden = (path: string, text: string): string => String(withoutSecrets(path, Buffer.from(text)));

  it.each([
    ['/gregor/sessions/1', '{"sessionId":"01","password":"abc"}', '{"sessionId":"01","password":"(hidden)"}'],
    ['/config/users/alice', '{"config":{"SCRAM-SHA-256":"salt=x"}}', '{"config":{"SCRAM-SHA-256":"(hidden)"}}'],
    [
      '/config/brokers/1',
      '{"config":{"ssl.keystore.password":"x","a":"b"}}',
      '{"config":{"ssl.keystore.password":"(hidden)","a":"b"}}',
    ],
    ['/delegation_token/tokens/t', '{"hmac":"abc","owner":"o"}', '{"hmac":"(hidden)","owner":"o"}'],
  ])('are hidden in %s', (path, text, shown) => {
    expect(hidden(path, text)).toBe(shown);
  });

  it('do not make anything else look different', () => {
    expect(hidden('/brokers/topics/password', '{"password": 1}')).toBe('{"password": 1}');
    expect(hidden('/config/topics/orders', '{ "config" : {} }')).toBe('{ "config" : {} }');
    expect(hidden('/config/topics/orders', 'no JSON, password')).toBe('no JSON, password');
    expect(withoutSecrets('/config/x', null)).toBeNull();
  });
});
