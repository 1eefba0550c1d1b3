import { version } from 'node-zookeeper-client/package.json';
import { jute, validatePath } from '../../../zookeeper/library';

describe('node-zookeeper-client', () => {
  it('is the version whose inside we know: the adapter replaces parts of its connection manager', () => {
    expect(version).toBe('1.1.3');
  });

  it('numbers operations as ZooKeeper does', () => {
    expect(jute.OP_CODES).toMatchObject({
      CREATE: 1,
      DELETE: 2,
      SET_DATA: 5,
      CHECK: 13,
      MULTI: 14,
      SET_WATCHES: 101,
      CLOSE_SESSION: -11,
    });
  });
});

describe('validatePath', () => {
  it.each(['', 'a', '/a/', '//', '/a//b', '/a/../b', '/.', '/a\0'])('refuses %j', (path) => {
    expect(() => validatePath(path)).toThrow('Node path');
  });

  it.each(['/', '/a', '/config/users/<default>', '/a.b/..c'])('takes %j', (path) => {
    expect(() => validatePath(path)).not.toThrow();
  });
});
