/** Settings and headers as people type them: one `key=value` per line. */

export interface ParsedSettings {
  settings: Record<string, string>;
  /** The first line that cannot be read; null when all can. */
  bad: string | null;
}

export function parseSettings(text: string): ParsedSettings {
  const settings: Record<string, string> = {};
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at < 1) return { settings, bad: line };
    settings[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return { settings, bad: null };
}
