/** Parameters that several routes take. */
import { Type } from '@sinclair/typebox';

export const TopicName = Type.String({
  minLength: 1,
  maxLength: 249,
  pattern: '^(?!\\.{1,2}$)[a-zA-Z0-9._-]+$',
  description: 'Topic name: letters, digits, dot, underscore and hyphen',
});
export const GroupId = Type.String({ minLength: 1, maxLength: 1_000, description: 'Id of a consumer group' });
export const BrokerNumber = Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'Broker id' });
export const Offset = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const limit = (most: number, usual: number) =>
  Type.Integer({ minimum: 1, maximum: most, default: usual, description: `At most this many; ${usual} when left out` });
