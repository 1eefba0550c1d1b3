/** Events from the stream and from the list, put together: each once, in order, bounded. */

interface Numbered {
  id: number;
}

/** The newest last. What is newly read comes first where the stream was quicker. */
export function joinEvents<T extends Numbered>(known: readonly T[], fresh: readonly T[], most: number): readonly T[] {
  const byId = new Map([...known, ...fresh].map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => a.id - b.id).slice(-most);
}
