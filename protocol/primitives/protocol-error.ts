/** Bytes that do not say what the protocol's definitions allow, or a value that cannot be written. */
export class ProtocolError extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'ProtocolError';
  }
}
