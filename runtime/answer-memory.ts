/**
 * How much memory the answers to clients hold in one broker: what is being read for them and what sockets have not yet
 * taken. It never makes anybody wait; the more is held, the smaller the next answers may be, which Fetch permits (each
 * still has one batch). So clients that ask for much and read nothing cannot fill the memory. Owned by one broker.
 */

/** What one answer may always have: small enough for hundreds of such, large enough to make good progress. */
const LEAST_ANSWER_BYTES = 256 << 10;
/** One answer takes at most this part of what is free, so that there is something left for those that come next. */
const SHARE = 4;

export class AnswerMemory {
  private held = 0;

  /** @param budgetBytes gregor.answer.memory.bytes */
  constructor(private readonly budgetBytes: number) {}

  get heldBytes(): number {
    return this.held;
  }

  /** How many bytes the next answer may have. */
  get allowanceBytes(): number {
    return Math.max(LEAST_ANSWER_BYTES, Math.floor((this.budgetBytes - this.held) / SHARE));
  }

  /** Counts `bytes` as held until the function returned is called; calling it again does nothing. */
  hold(bytes: number): () => void {
    let left = bytes;
    this.held += bytes;
    return () => {
      this.held -= left;
      left = 0;
    };
  }
}
