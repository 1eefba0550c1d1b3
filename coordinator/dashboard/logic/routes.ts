/** Addresses inside the dashboard: the part behind `#`. Deep links work without the server knowing them. */

export interface Location {
  /** Decoded segments: `#/topics/a%2Fb` → ['topics', 'a/b']. */
  segments: string[];
  query: Record<string, string>;
}

/** Reads a fragment; what is no path counts as the overview. */
export function parseFragment(fragment: string): Location {
  const text = fragment.replace(/^#/, '');
  if (!text.startsWith('/')) return { segments: [], query: {} };
  const [path = '', search = ''] = split(text, '?');
  const segments = path.split('/').filter((segment) => segment !== '');
  return { segments: segments.map(decode), query: Object.fromEntries(new URLSearchParams(search)) };
}

/** The fragment of a place; empty and missing parameters are left out. */
export function linkTo(segments: readonly (string | number)[], query: Record<string, unknown> = {}): string {
  const path = segments.map((segment) => encodeURIComponent(String(segment))).join('/');
  const search = searchOf(query);
  return `#/${path}${search === '' ? '' : `?${search}`}`;
}

/** `a=1&b=x`; empty, null and undefined values are left out. */
export function searchOf(query: Record<string, unknown>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString();
}

/** A token that was handed over as `#token=…`, and the fragment that remains without it. */
export function takeToken(fragment: string): { token: string | null; rest: string } {
  const found = /^#token=([^&]*)(?:&(.*))?$/.exec(fragment);
  if (!found) return { token: null, rest: fragment };
  const rest = found[2] ? `#${found[2]}` : '';
  return { token: decode(found[1] ?? ''), rest };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
