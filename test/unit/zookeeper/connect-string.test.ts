import { parseConnectString } from '../../../zookeeper/connect-string';

describe('parseConnectString', () => {
  it('reads servers, default ports and a chroot', () => {
    expect(parseConnectString('a:1,b , [::1]:3,[fe80::2]/kafka/one')).toEqual({
      servers: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2181 },
        { host: '::1', port: 3 },
        { host: 'fe80::2', port: 2181 },
      ],
      chroot: '/kafka/one',
      serverList: 'a:1,b , [::1]:3,[fe80::2]',
    });
  });

  it('takes a lone slash for the root', () => {
    expect(parseConnectString('a:1/').chroot).toBe('');
  });

  it.each([
    ['', 'names no server'],
    [',', 'names no server'],
    ['a:b', "'a:b' is not host:port"],
    ['a:70000', "'a:70000' is not host:port"],
    ['a:1/kafka/', "the chroot '/kafka/' is not a path"],
    ['a:1//x', 'is not a path'],
  ])('refuses %p', (text, why) => {
    expect(() => parseConnectString(text)).toThrow(why);
  });
});
