/**
 * The directories that every broker makes sure of when it starts: persistent, null data, in this order.
 * Their parents (/brokers, /config, /admin) come into being on the way. Source: kafka.zk.ZkData.PersistentZkPaths.
 */
import { BROKER_IDS_PATH } from './broker-registration';
import { BROKER_SEQUENCE_ID_PATH } from './broker-seqid';
import { CONFIG_CHANGES_PATH } from './config-change-notification';
import { DELETE_TOPICS_PATH } from './delete-topics';
import { configTypePath } from './entity-config';
import { ISR_CHANGE_NOTIFICATION_PATH } from './isr-change-notification';
import { LOG_DIR_EVENT_NOTIFICATION_PATH } from './log-dir-event-notification';
import { PRODUCER_ID_BLOCK_PATH } from './producer-id-block';
import { TOPICS_PATH } from './topic-assignment';

/** Where consumers before 0.9 kept their offsets; nothing else uses it. */
export const CONSUMERS_PATH = '/consumers';

export const TOP_LEVEL_PATHS: readonly string[] = [
  CONSUMERS_PATH,
  BROKER_IDS_PATH,
  TOPICS_PATH,
  CONFIG_CHANGES_PATH,
  DELETE_TOPICS_PATH,
  BROKER_SEQUENCE_ID_PATH,
  ISR_CHANGE_NOTIFICATION_PATH,
  PRODUCER_ID_BLOCK_PATH,
  LOG_DIR_EVENT_NOTIFICATION_PATH,
  configTypePath('topics'),
  configTypePath('clients'),
  configTypePath('users'),
  configTypePath('brokers'),
  configTypePath('ips'),
];
