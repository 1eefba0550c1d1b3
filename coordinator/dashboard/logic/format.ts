/** Numbers, sizes, times and payloads as people read them. All functions are pure. */

const THIN = '\u202f';

/** `1234567` → `1 234 567`, with thin spaces; a dash for what is not known. */
export function count(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

/** A rate with as many digits as help: 0.4, 12, 1 200. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 0.1) return '< 0.1';
  return perSecond < 10 ? String(Math.round(perSecond * 10) / 10) : count(perSecond);
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < SIZES.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toFixed(digits)}${THIN}${SIZES[unit]}`;
}

/** A duration in the unit that suits it: `3 ms`, `1.5 s`, `4 min`, `2 h 5 min`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1) return '< 1 ms';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 60_000) return `${Math.round(ms / 1000)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** How long ago in words that do not flicker: below two seconds it is now. */
export function ago(ms: number): string {
  if (ms < 2000) return 'just now';
  return ms < 60_000 ? `${Math.floor(ms / 1000)} s ago` : `${duration(ms)} ago`;
}

/** Local wall time with milliseconds: `14:03:09.120`. */
export function timeOfDay(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  const millis = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${millis}`;
}

/** Local date and time: `2026-11-21 14:03:09`. */
export function dateTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${timeOfDay(ms).slice(0, 8)}`;
}

/** JSON with indentation; text that is no JSON object or array stays as it is. */
export function prettyJson(text: string): { text: string; json: boolean } {
  const start = text.trimStart()[0];
  if (start !== '{' && start !== '[') return { text, json: false };
  try {
    return { text: JSON.stringify(JSON.parse(text), null, 2), json: true };
  } catch {
    return { text, json: false };
  }
}

/** `1 broker`, `2 brokers`. */
export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

/** Base64 as pairs of hexadecimal digits, at most so many bytes. */
export function hexOf(base64: string, most: number): string {
  const binary = atob(base64);
  const shown = binary.slice(0, most);
  const pairs = Array.from(shown, (char) => char.charCodeAt(0).toString(16).padStart(2, '0'));
  return pairs.join(' ') + (binary.length > most ? ' …' : '');
}

/** Value of an input of type datetime-local as milliseconds; null when it is empty or no time. */
export function parseLocalTime(text: string): number | null {
  const ms = new Date(text).getTime();
  return text === '' || Number.isNaN(ms) ? null : ms;
}
