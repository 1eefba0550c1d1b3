/** Primitive types of the wire: reading, writing, cutting a stream into frames. */
export { FrameParser } from './frame-parser';
export { ProtocolError } from './protocol-error';
export { Reader } from './reader';
export { Writer } from './writer';
