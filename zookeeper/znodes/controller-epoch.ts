/**
 * `/controller_epoch`, persistent: the epoch as decimal text, no JSON. Created with `0` by the first candidate, raised
 * by each election. Its data version is the token that fences writes of a controller that has been deposed.
 */
import { ZnodeFormatError } from './json';

export const CONTROLLER_EPOCH_PATH = '/controller_epoch';

/** What the first candidate creates the node with; the first controller then has epoch 1. */
export const INITIAL_CONTROLLER_EPOCH = 0;

export function encodeControllerEpoch(epoch: number): Buffer {
  return Buffer.from(String(epoch));
}

export function decodeControllerEpoch(data: Buffer | null): number {
  const text = data?.toString() ?? '';
  if (!/^-?\d+$/.test(text)) throw new ZnodeFormatError(CONTROLLER_EPOCH_PATH, `'${text}' is not a number`);
  return Number(text);
}
