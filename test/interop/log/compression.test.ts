/** What Kafka's clients compress is read here, and the other way round, at a size of many blocks. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { compress, decompress, prepareZstd, type CompressionName } from '../../../protocol/records';
import { seededRandom } from '../../../runtime/random';
import { requireJava } from '../../../supervisor/java';
import { kafkaClasspath } from '../../support/kafka-jars';

jest.setTimeout(120_000);

const codecs: CompressionName[] = ['gzip', 'snappy', 'lz4', 'zstd'];
const directory = mkdtempSync(join(tmpdir(), 'gregor-compression-'));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Three megabytes that compress as orders do. */
function orders(): Buffer {
  const random = seededRandom(1);
  const lines: string[] = [];
  for (let index = 0; index < 60_000; index++)
    lines.push(`order ${index} customer ${random.below(1e9).toString(36)} price ${random.below(1e6)}`);
  return Buffer.from(lines.join('\n'));
}

it('with every codec', async () => {
  await prepareZstd();
  const data = orders();
  writeFileSync(join(directory, 'data'), data);
  for (const codec of codecs) writeFileSync(join(directory, `${codec}.gregor`), compress(codec, data));
  const program = resolve('test/support/java/CompressionExchange.java');
  const java = await requireJava(() => undefined);
  const { stdout } = await promisify(execFile)(java, ['-Xmx512m', '-cp', await kafkaClasspath(), program, directory]);
  expect(stdout.trim().split('\n')).toEqual(codecs.map((codec) => `${codec} true`));
  for (const codec of codecs) {
    const read = decompress(codec, readFileSync(join(directory, `${codec}.kafka`)));
    expect([codec, read.equals(data)]).toEqual([codec, true]);
  }
});
