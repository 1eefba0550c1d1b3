/** The versions that `inter.broker.protocol.version` and `log.message.format.version` may name (KIP-584). */

export const METADATA_VERSIONS: readonly string[] = [
  '0.8.0',
  '0.8.1',
  '0.8.2',
  '0.9.0',
  '0.10.0-IV0',
  '0.10.0-IV1',
  '0.10.1-IV0',
  '0.10.1-IV1',
  '0.10.1-IV2',
  '0.10.2-IV0',
  '0.11.0-IV0',
  '0.11.0-IV1',
  '0.11.0-IV2',
  '1.0-IV0',
  '1.1-IV0',
  '2.0-IV0',
  '2.0-IV1',
  '2.1-IV0',
  '2.1-IV1',
  '2.1-IV2',
  '2.2-IV0',
  '2.2-IV1',
  '2.3-IV0',
  '2.3-IV1',
  '2.4-IV0',
  '2.4-IV1',
  '2.5-IV0',
  '2.6-IV0',
  '2.7-IV0',
  '2.7-IV1',
  '2.7-IV2',
  '2.8-IV0',
  '2.8-IV1',
  '3.0-IV0',
  '3.0-IV1',
  '3.1-IV0',
  '3.2-IV0',
  '3.3-IV0',
  '3.3-IV1',
  '3.3-IV2',
  '3.3-IV3',
  '3.4-IV0',
  '3.5-IV0',
  '3.5-IV1',
  '3.5-IV2',
  '3.6-IV0',
  '3.6-IV1',
  '3.6-IV2',
  '3.7-IV0',
  '3.7-IV1',
  '3.7-IV2',
  '3.7-IV3',
  '3.7-IV4',
  '3.8-IV0',
  '3.9-IV0',
  '4.0-IV0',
  '4.0-IV1',
];

/** `3.9`, `3.9.1` and `3.9-IV0` all name the same thing; the part after the release's two or three numbers is dropped. */
function versionKey(text: string): string {
  const segments = text.split('.');
  const wanted = text.startsWith('0.') ? 3 : 2;
  return segments.length <= wanted ? text : segments.slice(0, wanted).join('.');
}

function release(version: string): string {
  return version.replace(/-IV\d+$/, '');
}

/** The full name of the newest version that `text` may mean; null when there is none. */
export function resolveMetadataVersion(text: string): string | null {
  const key = versionKey(text);
  const matches = METADATA_VERSIONS.filter((version) => version === key || release(version) === key);
  return matches.at(-1) ?? null;
}

export function isKnownMetadataVersion(text: string): boolean {
  return resolveMetadataVersion(text) !== null;
}

/** Whether the version that `text` names is `other` or a later one. */
export function isAtLeastVersion(text: string, other: string): boolean {
  const version = resolveMetadataVersion(text);
  return version !== null && METADATA_VERSIONS.indexOf(version) >= METADATA_VERSIONS.indexOf(other);
}
