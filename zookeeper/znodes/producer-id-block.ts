/**
 * `/latest_producer_id_block`, persistent: the block of producer ids that was handed out last.
 * `{"version":1,"broker":0,"block_start":"0","block_end":"999"}`: bounds are strings, the end belongs to the block.
 * Null data: no block has been handed out yet. Changed on condition of the data version (KIP-730).
 */
import { decodeJson, encodeJson, ZnodeFormatError } from './json';

export const PRODUCER_ID_BLOCK_PATH = '/latest_producer_id_block';

/** How many ids a block has. */
export const PRODUCER_ID_BLOCK_SIZE = 1000;

export interface ProducerIdBlock {
  brokerId: number;
  firstProducerId: number;
  /** Inclusive. */
  lastProducerId: number;
}

export function encodeProducerIdBlock({ brokerId, firstProducerId, lastProducerId }: ProducerIdBlock): Buffer {
  return encodeJson({
    version: 1,
    broker: brokerId,
    block_start: String(firstProducerId),
    block_end: String(lastProducerId),
  });
}

/** Null when no block has been handed out yet. */
export function decodeProducerIdBlock(data: Buffer | null): ProducerIdBlock | null {
  if (data === null) return null;
  const json = decodeJson(data, PRODUCER_ID_BLOCK_PATH);
  const block = {
    brokerId: json.int('broker'),
    firstProducerId: json.longText('block_start'),
    lastProducerId: json.longText('block_end'),
  };
  if (block.lastProducerId < block.firstProducerId) {
    throw new ZnodeFormatError(PRODUCER_ID_BLOCK_PATH, 'the block ends before it starts');
  }
  return block;
}
