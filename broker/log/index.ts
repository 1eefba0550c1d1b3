/** The log: everything that other folders use of broker/log/. */
export { UnexpectedAppendOffsetError } from './follower-append';
export { RejectedRecordsError } from './leader-append';
export { Log } from './log';
export {
  defaultLogConfig,
  isCompacted,
  LONG_MAX,
  logConfigKeys,
  withTopicOverrides,
  type LogConfig,
} from './log-config';
export { LogManager, type CreateLogOptions, type LogDirectoryFailure, type LogManagerOptions } from './log-manager';
export { defaultLogManagerSettings, logManagerSettings, type LogManagerSettings } from './log-manager-settings';
export { META_PROPERTIES_FILE, readMetaProperties, writeMetaProperties, type StoredIdentity } from './meta-properties';
export type * from './types';
