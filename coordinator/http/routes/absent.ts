/** What to answer for something that is not there. */
import { ApiError } from '../api-error';

/**
 * 404; or 503 right after the start, when what exists has not all been read: a page that shows a topic must not take it for
 * deleted because the service was started anew.
 * @param known whether everything of the kind has been read once
 */
export function absent(known: boolean, code: string, text: string): ApiError {
  if (known) return new ApiError(404, code, text);
  return new ApiError(
    503,
    'NOT_READ_YET',
    'The coordinator has not read all of the cluster yet; try again in a moment',
  );
}
