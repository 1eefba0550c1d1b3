/**
 * The small files of a partition and of a log directory: aborted transactions, producer snapshots, and the text files
 * (leader epochs, checkpoints, topic id), of which Kafka's own tool shows only the first two.
 */
import { basename } from 'node:path';
import { decodeSnapshot } from '../../broker/log/producer-snapshot';
import { batch } from '../../protocol/records';
import { CommandError } from '../command';
import { optionalLong } from './log';
import { readWholeFile } from './segment-reader';

const TRANSACTION_ENTRY_BYTES = 34;

export function* dumpTransactionIndex(file: string): Generator<string> {
  const bytes = readWholeFile(file);
  for (let at = 0; at + TRANSACTION_ENTRY_BYTES <= bytes.length; at += TRANSACTION_ENTRY_BYTES) {
    const [producerId, firstOffset, lastOffset, lastStableOffset] = [2, 10, 18, 26].map((field) =>
      bytes.readBigInt64BE(at + field),
    );
    yield `version: ${bytes.readInt16BE(at)} producerId: ${producerId} firstOffset: ${firstOffset} lastOffset: ${lastOffset} lastStableOffset: ${lastStableOffset}`;
  }
}

/** @throws CommandError when the file is damaged */
export function* dumpProducerSnapshot(file: string): Generator<string> {
  const producers = decodeSnapshot(readWholeFile(file));
  if (producers === null) throw new CommandError(`Snapshot ${file} is corrupt: its version, size or CRC is wrong`);
  for (const producer of producers) {
    const open = producer.currentTransactionFirstOffset;
    const [last] = producer.batches.slice(-1);
    const batchText = last
      ? `firstSequence: ${batch.addToSequence(last.lastSequence, -last.offsetDelta)} lastSequence: ${last.lastSequence} ` +
        `lastOffset: ${last.lastOffset} offsetDelta: ${last.offsetDelta} timestamp: ${last.timestamp}`
      : '';
    yield (
      `producerId: ${producer.producerId} producerEpoch: ${producer.epoch} coordinatorEpoch: ${producer.coordinatorEpoch} ` +
      `currentTxnFirstOffset: ${optionalLong(open >= 0, open)} lastTimestamp: ${producer.lastTimestamp} ${batchText}`
    );
  }
}

/** Files of lines: a version, a count, and then as many entries. */
const TEXT_FILES: Readonly<Record<string, readonly string[]>> = {
  'leader-epoch-checkpoint': ['epoch', 'startOffset'],
  'recovery-point-offset-checkpoint': ['topic', 'partition', 'offset'],
  'replication-offset-checkpoint': ['topic', 'partition', 'offset'],
  'log-start-offset-checkpoint': ['topic', 'partition', 'offset'],
  'cleaner-offset-checkpoint': ['topic', 'partition', 'offset'],
};

/** Lines of a text file that is known; null for any other file. */
export function dumpTextFile(file: string): string[] | null {
  const name = basename(file);
  const columns = TEXT_FILES[name];
  if (!columns && name !== 'partition.metadata') return null;
  const lines = readWholeFile(file)
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (!columns) return lines;
  return lines.slice(2).map((line) => {
    const words = line.trim().split(/\s+/);
    return columns.map((column, index) => `${column}: ${words[index] ?? ''}`).join(' ');
  });
}
