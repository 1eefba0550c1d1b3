/** Reading nodes that may not be there. */
import { isZkError } from '../../zookeeper/errors';

/** What a read gives, or null when there is no such node. */
export async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isZkError(error, 'NO_NODE')) return null;
    throw error;
  }
}
