/** What --add-config takes: `k1=v1,k2=[v1,v2],k3=v3`. */
import { UsageError } from '../options';

/** @throws UsageError for an entry that is not `key=value` */
export function parseAddedConfigs(text: string): Map<string, string> {
  const configs = new Map<string, string>();
  for (const entry of splitOutsideBrackets(text)) {
    const at = entry.indexOf('=');
    if (at < 0) {
      throw new UsageError(
        'requirement failed: Invalid entity config: all configs to be added must be in the format "key=val".',
        `'${entry}' is not; a value that contains commas needs square brackets: key=[a,b].`,
      );
    }
    const key = entry.slice(0, at).trim();
    if (!/^[a-zA-Z0-9._-]*$/.test(key)) throw new UsageError(`Invalid character found for config key: ${key}`);
    configs.set(
      key,
      entry
        .slice(at + 1)
        .replaceAll(/[[\]]/g, '')
        .trim(),
    );
  }
  return configs;
}

function splitOutsideBrackets(text: string): string[] {
  return text.split(/,(?=[^\]]*(?:\[|$))/);
}
