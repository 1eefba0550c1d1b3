import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { meaningOf, znodeMeanings } from '../../../../coordinator/recorder/znode-meaning';
import { TOP_LEVEL_PATHS } from '../../../../zookeeper/znodes';
import { documentExists } from '../../../support/document-anchors';

describe('what a znode is for', () => {
  it.each([
    ['/brokers/ids/3', '/brokers/ids/<id>'],
    ['/brokers/topics/orders/partitions/0/state', '/brokers/topics/<topic>/partitions/<partition>/state'],
    ['/brokers/topics/a.b-c_1', '/brokers/topics/<topic>'],
    ['/config/brokers/<default>', '/config/brokers/<id>'],
    ['/config/users/alice/clients/c', '/config/users/<user>…'],
    ['/gregor/suspects/1-64-2', '/gregor/suspects/<question or vote>'],
    ['/controller', '/controller'],
    ['/zookeeper/quota', '/zookeeper…'],
    ['/', '/'],
  ])('is known of %s', (path, pattern) => {
    expect(meaningOf(path)?.pattern).toBe(pattern);
  });

  it('is known of every node that a broker makes when it starts', () => {
    expect(TOP_LEVEL_PATHS.filter((path) => meaningOf(path) === null)).toEqual([]);
  });

  it('is known of every path in the table of the document', () => {
    const text = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'znodes.md'), 'utf8');
    const paths = [...text.matchAll(/^\| `(\/[^`…]*)`/gm)].map(([, path]) => (path as string).replace(/<[^>]+>/g, '7'));
    expect(paths.length).toBeGreaterThan(15);
    expect(paths.filter((path) => meaningOf(path) === null)).toEqual([]);
  });

  it('is not made up for what is none of Kafka’s', () => {
    expect(meaningOf('/hbase/master')).toBeNull();
    expect(meaningOf('/brokersx')).toBeNull();
  });

  it('leads to a document that is there', () => {
    const missing = znodeMeanings.filter(({ document }) => document !== null && !documentExists(document));
    expect(missing).toEqual([]);
  });
});
