/**
 * `/log_dir_event_notification/log_dir_event_<n>`, persistent sequential: `{"version":1,"broker":0,"event":1}`, written by
 * a broker one of whose log directories failed. The controller then asks it by LeaderAndIsr which replicas are gone (KIP-112).
 */
import { decodeJson, encodeJson } from './json';

export const LOG_DIR_EVENT_NOTIFICATION_PATH = '/log_dir_event_notification';
export const LOG_DIR_EVENT_PREFIX = 'log_dir_event_';

/** What to create, in mode persistent-sequential. */
export const LOG_DIR_EVENT_CREATE_PATH = `${LOG_DIR_EVENT_NOTIFICATION_PATH}/${LOG_DIR_EVENT_PREFIX}`;

/** The only event there is. */
const LOG_DIR_FAILURE = 1;

export function encodeLogDirEvent(brokerId: number): Buffer {
  return encodeJson({ version: 1, broker: brokerId, event: LOG_DIR_FAILURE });
}

/** The broker whose log directory failed. */
export function decodeLogDirEvent(data: Buffer | null): number {
  return decodeJson(data, 'log directory event notification').int('broker');
}
