/** Times as java.text.SimpleDateFormat writes them, for the letters that times are made of. */
import { UsageError } from '../options';

type Part = (date: Date, width: number) => string;

const padded = (value: number, width: number): string => String(value).padStart(width, '0');

const PARTS: Readonly<Record<string, Part>> = {
  y: (date, width) => (width === 2 ? padded(date.getFullYear() % 100, 2) : padded(date.getFullYear(), width)),
  M: (date, width) => padded(date.getMonth() + 1, width),
  d: (date, width) => padded(date.getDate(), width),
  H: (date, width) => padded(date.getHours(), width),
  h: (date, width) => padded(date.getHours() % 12 || 12, width),
  m: (date, width) => padded(date.getMinutes(), width),
  s: (date, width) => padded(date.getSeconds(), width),
  S: (date, width) => padded(date.getMilliseconds(), width),
  a: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
};

/** @throws UsageError for a letter that is not known; text stands in single quotes */
export function dateFormat(pattern: string): (timeMs: number) => string {
  const pieces = [...pattern.matchAll(/'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+/g)].map(([text, quoted, letter]) => {
    if (quoted !== undefined) return () => quoted || "'";
    if (letter === undefined) return () => text;
    const part = PARTS[letter];
    if (!part)
      throw new UsageError(`Illegal pattern character '${letter}'`, `Known are ${Object.keys(PARTS).join(', ')}.`);
    return (date: Date) => part(date, text.length);
  });
  return (timeMs) => {
    const date = new Date(timeMs);
    return pieces.map((piece) => piece(date)).join('');
  };
}
