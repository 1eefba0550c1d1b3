/** Waiting until the broker's own metadata cache shows what the controller has been asked for. */
import type { Clock } from '../../runtime/clock';
import type { MetadataCache } from '../metadata/metadata-cache';

/** Resolves to true as soon as `holds` does, looked at after every UpdateMetadata; to false when the time is up. */
export function waitForMetadata(
  metadata: Pick<MetadataCache, 'onChange'>,
  clock: Clock,
  timeoutMs: number,
  holds: () => boolean,
): Promise<boolean> {
  if (holds()) return Promise.resolve(true);
  if (timeoutMs <= 0) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (result: boolean): void => {
      timer.cancel();
      stop();
      resolve(result);
    };
    const timer = clock.after(timeoutMs, () => end(holds()));
    const stop = metadata.onChange(() => {
      if (holds()) end(true);
    });
  });
}
