/** An answer that is an error: what a handler throws to be told as {error, message} with a status. */
export class ApiError extends Error {
  constructor(
    readonly status:
      400 | 401 | 403 | 404 | 405 | 408 | 409 | 411 | 413 | 415 | 421 | 422 | 429 | 431 | 500 | 502 | 503 | 504,
    /** Stable name, e.g. UNKNOWN_TOPIC_OR_PARTITION. */
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}
