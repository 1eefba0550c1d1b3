/** A value that components can watch. */
import { useEffect, useState } from 'preact/hooks';

export class Store<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private current: T) {}

  get(): T {
    return this.current;
  }

  set(next: T): void {
    if (Object.is(next, this.current)) return;
    this.current = next;
    for (const listener of this.listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** The store's value; renders anew when it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, turn] = useState(0);
  useEffect(() => store.subscribe(() => turn((count) => count + 1)), [store]);
  return store.get();
}
