/** kafka-dump-log: shows what stands in segments, indexes, snapshots and checkpoints (Kafka's DumpLogSegments). */
import { basename, extname } from 'node:path';
import { prepareZstd } from '../protocol/records';
import { CommandError, defineCommand, startCommand, type CommandIo } from './command';
import { decodeOffsetsRecord, decodeTransactionRecord, plainDecoder, type RecordDecoder } from './dump/decoders';
import { Findings } from './dump/findings';
import { dumpOffsetIndex, dumpTimeIndex, type IndexDumpOptions } from './dump/indexes';
import { dumpLog, type LogDumpOptions } from './dump/log';
import { dumpProducerSnapshot, dumpTextFile, dumpTransactionIndex } from './dump/small-files';
import { commonOptions, flag, optional, type ParsedOptions, requireOptions, UsageError, value } from './options';
import { LineWriter } from './output';

const STRING_DECODER = 'org.apache.kafka.tools.api.StringDecoder';

const options = {
  ...commonOptions,
  files: value(
    'file1, file2, ...',
    'REQUIRED: The files, separated by commas: .log, .index, .timeindex, .txnindex, .snapshot, or a checkpoint.',
  ),
  'print-data-log': flag('Print keys and values of records; implied by every decoder.'),
  'deep-iteration': flag('Print records, not only batches; implied by --print-data-log.'),
  'skip-record-metadata': flag("Leave out offset, time, sizes and headers in a record's line."),
  'offsets-decoder': flag('Read the records as those of __consumer_offsets.'),
  'transaction-log-decoder': flag('Read the records as those of __transaction_state.'),
  'cluster-metadata-decoder': flag('Not here: clusters with ZooKeeper have no metadata log.'),
  'remote-log-metadata-decoder': flag('Not here: tiered storage is not supported.'),
  'key-decoder-class': optional(
    '',
    'How keys are shown: StringDecoder, IntegerDecoder, LongDecoder or DefaultDecoder (hexadecimal) of org.apache.kafka.tools.api.',
    { defaultText: STRING_DECODER },
  ),
  'value-decoder-class': optional('', 'The same for values.', { defaultText: STRING_DECODER }),
  'index-sanity-check': flag('Only check what a broker checks of an index when it starts.'),
  'verify-index-only': flag('Compare an index with its log and print only what differs.'),
  'max-message-size': value('size', 'Size of the largest batch that an index is compared with.', {
    type: 'Integer',
    defaultText: '5242880',
  }),
  'max-bytes': value('size', 'Read only so many bytes of each .log file.', {
    type: 'Integer',
    defaultText: '2147483647',
  }),
};

type Given = ParsedOptions<typeof options>;

const NO_LIMIT = 2_147_483_647;
const DECODERS = ['offsets-decoder', 'transaction-log-decoder', 'key-decoder-class', 'value-decoder-class'] as const;

function decoderOf(given: Given): RecordDecoder {
  if (given.has('cluster-metadata-decoder')) {
    throw new UsageError(
      '--cluster-metadata-decoder: a cluster with ZooKeeper keeps its metadata in znodes, not in a log',
      'zookeeper-shell shows them.',
    );
  }
  if (given.has('remote-log-metadata-decoder')) {
    throw new UsageError('--remote-log-metadata-decoder: tiered storage is not supported');
  }
  if (given.has('offsets-decoder')) return decodeOffsetsRecord;
  if (given.has('transaction-log-decoder')) return decodeTransactionRecord;
  return plainDecoder(
    given.text('key-decoder-class') ?? STRING_DECODER,
    given.text('value-decoder-class') ?? STRING_DECODER,
  );
}

interface DumpOptions {
  log: LogDumpOptions;
  index: IndexDumpOptions;
}

function dumpOptions(given: Given): DumpOptions {
  const printsRecords = given.has('print-data-log') || DECODERS.some((name) => given.has(name));
  const maxBytes = given.number('max-bytes') ?? NO_LIMIT;
  return {
    log: {
      printsRecords,
      isDeep: printsRecords || given.has('deep-iteration'),
      skipsRecordMetadata: given.has('skip-record-metadata'),
      maxBytes: maxBytes === NO_LIMIT ? Infinity : maxBytes,
      decode: decoderOf(given),
    },
    index: {
      sanityOnly: given.has('index-sanity-check'),
      verifyOnly: given.has('verify-index-only'),
      maxBatchBytes: given.number('max-message-size') ?? NO_LIMIT,
    },
  };
}

/** The lines of one file; null when it is of no kind that can be shown. */
function linesOf(file: string, { log, index }: DumpOptions, findings: Findings): Iterable<string> | null {
  switch (extname(basename(file))) {
    case '.log':
      return dumpLog(file, log, findings);
    case '.index':
      return dumpOffsetIndex(file, index, findings);
    case '.timeindex':
      return dumpTimeIndex(file, index, findings);
    case '.txnindex':
      return dumpTransactionIndex(file);
    case '.snapshot':
      return dumpProducerSnapshot(file);
    case '.checkpoint':
      throw new CommandError(`${file} is a snapshot of a KRaft cluster, which is not supported`);
    default:
      return dumpTextFile(file);
  }
}

async function run(given: Given, io: CommandIo): Promise<number> {
  requireOptions(given, 'files');
  const dump = dumpOptions(given);
  const files = (given.text('files') ?? '').split(',').map((file) => file.trim());
  if (dump.log.isDeep || files.some((file) => file.endsWith('.timeindex'))) await prepareZstd();
  const findings = new Findings();
  const out = new LineWriter(io.stdout);
  try {
    for (const file of files) {
      out.line(`Dumping ${file}`);
      const lines = linesOf(file, dump, findings);
      if (lines === null) {
        await out.flush();
        io.stderr.write(`Ignoring unknown file ${file}\n`);
        continue;
      }
      for (const line of lines) {
        out.line(line);
        if (out.isFull) await out.flush();
        if (io.interrupted.aborted) return 130;
      }
    }
  } finally {
    await out.flush();
  }
  for (const line of findings.lines()) io.stderr.write(`${line}\n`);
  return 0;
}

export const kafkaDumpLog = defineCommand({
  name: 'kafka-dump-log',
  about:
    'This tool shows what stands in the files of a log, record by record where asked to: for a look at a segment that seems to be damaged, or out of interest.',
  options,
  run,
});

if (require.main === module) startCommand(kafkaDumpLog);
