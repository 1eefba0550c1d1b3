/** Ranges of API versions, written as Kafka's message definitions write them: `3`, `0-11`, `9+`, `none`. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

const HIGHEST_VERSION = 32_767;

/** Parses a range; `none` and the empty text give a range that holds nothing. */
export function versionRange(text: string): VersionRange {
  if (text === 'none' || text === '') return { min: 0, max: -1 };
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text);
  if (!match) throw new Error(`'${text}' is not a version range: expected N, N-M, N+ or none`);
  const min = Number(match[1]);
  if (match[2]) return { min, max: HIGHEST_VERSION };
  return { min, max: match[3] === undefined ? min : Number(match[3]) };
}

export function contains(range: VersionRange, version: number): boolean {
  return version >= range.min && version <= range.max;
}
