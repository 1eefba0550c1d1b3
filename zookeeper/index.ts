/** ZooKeeper as the rest of the program sees it. */
export { ZkError, isZkError, type ZkCode } from './errors';
export { connect, connectInBackground, type ConnectOptions } from './connect';
export { parseConnectString, type ZooKeeperAddress } from './connect-string';
export { attachAndClose, type AttachOptions } from './attach';
export type * from './types';
