/**
 * `/controller`, ephemeral: `{"version":2,"brokerid":0,"timestamp":"<ms>","kraftControllerEpoch":-1}`.
 * Created by the broker that wins the election, in one transaction with `/controller_epoch`.
 */
import { decodeJson, encodeJson } from './json';

export const CONTROLLER_PATH = '/controller';

export interface ControllerNode {
  brokerId: number;
  timestampMs: number;
  /** Greater than zero while a KRaft controller holds the cluster during a migration; -1 else. */
  kraftControllerEpoch: number;
}

export function encodeController(brokerId: number, timestampMs: number): Buffer {
  return encodeJson({ version: 2, brokerid: brokerId, timestamp: String(timestampMs), kraftControllerEpoch: -1 });
}

export function decodeController(data: Buffer | null): ControllerNode {
  const json = decodeJson(data, CONTROLLER_PATH);
  return {
    brokerId: json.int('brokerid'),
    timestampMs: json.has('timestamp') ? Number(json.scalarText('timestamp')) : -1,
    kraftControllerEpoch: json.has('kraftControllerEpoch') ? json.int('kraftControllerEpoch') : -1,
  };
}
