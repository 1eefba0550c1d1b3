/** The wire protocol: definitions, codecs, frames, errors. Pure bytes; imports no other folder. */
export * from './api';
export * from './api-table';
export * from './errors';
export * from './frames';
export * from './topic-name';
export * from './topic-partition';
export * from './primitives';
export type { Field, Fields, InputOf, Message, MessageOf, Records, TypeOf } from './schema';
export { codecFor, contains } from './schema';
