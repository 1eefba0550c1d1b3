/**
 * InitProducerId, versions 0-5: a producer id for an idempotent producer, always a fresh one with epoch 0. v3 may name
 * the id and epoch that a producer has; both or neither. Transactional ids are not served yet.
 */
import { Errors, KafkaError } from '../../protocol';
import { initProducerId } from '../../protocol/apis';
import type { Logger } from '../../runtime/logger';
import type { ProducerIdManager } from '../transaction';
import { handler, type Handler } from './handler';

const NONE_YET = -1;

export function initProducerIdHandler(parts: {
  readonly producerIds: ProducerIdManager;
  readonly logger: Logger;
}): Handler {
  return handler(
    initProducerId,
    ({ transactionalId, producerId, producerEpoch }) => {
      if ((producerId === NONE_YET) !== (producerEpoch === NONE_YET)) throw new KafkaError('INVALID_REQUEST');
      if (transactionalId === '') throw new KafkaError('INVALID_REQUEST');
      if (transactionalId !== null) {
        parts.logger.warn(`Transactional id ${transactionalId} is refused: this broker has no transactions yet`);
        throw new KafkaError('UNSUPPORTED_VERSION');
      }
      return { errorCode: Errors.NONE.code, producerId: parts.producerIds.generate(), producerEpoch: 0 };
    },
    (_request, error) => ({ errorCode: error.code, producerId: NONE_YET, producerEpoch: NONE_YET }),
  );
}
