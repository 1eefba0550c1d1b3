/** Codec libraries are loaded with the first batch that needs them: a broker passes most batches on as they come. */

/** A function that gives what `load` gives, and calls it once. */
export function onDemand<T>(load: () => T): () => T {
  let loaded: { value: T } | null = null;
  return () => (loaded ??= { value: load() }).value;
}
