/** Producer ids, and later the transaction coordinator: everything that other folders use of broker/transaction/. */
export { ProducerIdManager, type ProducerIdManagerOptions } from './producer-id-manager';
