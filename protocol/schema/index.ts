/** The definition language of messages, and its compiler. */
export { codecFor, type Codec } from './compiler';
export * from './fields';
export { contains, versionRange, type VersionRange } from './version-range';
