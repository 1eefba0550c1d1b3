/** ZooKeeper as the rest of the program sees it. */
export { ZkError, isZkError, type ZkCode } from './errors';
export { connect, type ConnectOptions } from './connect';
export { attachAndClose, type AttachOptions } from './attach';
export type * from './types';
