/** ConsumerGroupHeartbeat, version 0: advertised but not served with ZooKeeper; groups of KIP-848 need KRaft. */
import { Errors } from '../../protocol';
import { consumerGroupHeartbeat } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function consumerGroupHeartbeatHandler(): Handler {
  return handler(consumerGroupHeartbeat, () => ({ errorCode: Errors.UNSUPPORTED_VERSION.code }));
}
