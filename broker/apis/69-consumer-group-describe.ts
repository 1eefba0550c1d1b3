/** ConsumerGroupDescribe, version 0: advertised but not served with ZooKeeper; groups of KIP-848 need KRaft. */
import { Errors } from '../../protocol';
import { consumerGroupDescribe } from '../../protocol/apis';
import { handler, type Handler } from './handler';

export function consumerGroupDescribeHandler(): Handler {
  return handler(consumerGroupDescribe, (request) => ({
    groups: request.groupIds.map((groupId) => ({ groupId, errorCode: Errors.UNSUPPORTED_VERSION.code })),
  }));
}
