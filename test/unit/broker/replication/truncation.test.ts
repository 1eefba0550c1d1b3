import { resetForOutOfRange, truncationForDivergence } from '../../../../broker/replication/truncation';

/** A log whose epochs begin at these offsets. */
function logOf(epochs: readonly (readonly [epoch: number, start: number])[], logEndOffset: number) {
  return {
    logEndOffset,
    endOffsetForEpoch(asked: number) {
      let found: { epoch: number; endOffset: number } | null = null;
      epochs.forEach(([epoch], i) => {
        if (epoch <= asked) found = { epoch, endOffset: epochs[i + 1]?.[1] ?? logEndOffset };
      });
      return found;
    },
  };
}

describe('truncation by a diverging epoch', () => {
  it('cuts at the leader’s end of an epoch that both have', () => {
    const log = logOf(
      [
        [0, 0],
        [1, 10],
      ],
      20,
    );
    expect(truncationForDivergence(log, { epoch: 1, endOffset: 15 })).toEqual({ offset: 15, complete: true });
  });

  it('cuts at the own end of the epoch when the leader has more of it', () => {
    const log = logOf(
      [
        [0, 0],
        [2, 10],
      ],
      20,
    );
    expect(truncationForDivergence(log, { epoch: 0, endOffset: 15 })).toEqual({ offset: 10, complete: true });
  });

  it('cuts to the epoch before one that it does not have, and asks again', () => {
    const log = logOf(
      [
        [0, 0],
        [3, 10],
      ],
      20,
    );
    expect(truncationForDivergence(log, { epoch: 2, endOffset: 18 })).toEqual({ offset: 10, complete: false });
  });

  it('takes the leader’s offset when it knows no epoch so old', () => {
    const log = logOf([[5, 0]], 20);
    expect(truncationForDivergence(log, { epoch: 2, endOffset: 7 })).toEqual({ offset: 7, complete: true });
  });

  it('never goes beyond the end of the own log', () => {
    const log = logOf([[0, 0]], 5);
    expect(truncationForDivergence(log, { epoch: 0, endOffset: 9 }).offset).toBe(5);
  });
});

describe('a fetch offset out of range', () => {
  it('is cut to the leader’s end when the leader has less', () => {
    expect(resetForOutOfRange(20, 0, 15)).toEqual({ action: 'truncate', offset: 15 });
  });

  it('starts over where the leader’s log begins when everything here is older', () => {
    expect(resetForOutOfRange(20, 30, 50)).toEqual({ action: 'start over', offset: 30 });
  });

  it('goes on from the own end when that lies within the leader’s log', () => {
    expect(resetForOutOfRange(20, 10, 50)).toEqual({ action: 'go on', offset: 20 });
  });
});
