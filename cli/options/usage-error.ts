/** The command was called in a way that it cannot understand; printed without a stack, exit code 1. */
export class UsageError extends Error {
  constructor(
    text: string,
    /** What was probably meant, or what to do. */
    readonly hint: string | null = null,
  ) {
    super(text);
    this.name = 'UsageError';
  }
}
