/** Kafka's simple deserializers by their Java class names: how bytes are printed. */
import { CommandError } from '../command';
import { doubleText } from '../../settings/values';

type Print = (bytes: Buffer) => Buffer;

function fixed(size: number, name: string, read: (bytes: Buffer) => string): Print {
  return (bytes) => {
    if (bytes.length !== size) throw new CommandError(`Size of data received by ${name} is not ${size}`);
    return Buffer.from(read(bytes));
  };
}

const DESERIALIZERS: Readonly<Record<string, Print>> = {
  String: (bytes) => bytes,
  ByteArray: (bytes) => bytes,
  Bytes: (bytes) => bytes,
  Short: fixed(2, 'ShortDeserializer', (bytes) => String(bytes.readInt16BE())),
  Integer: fixed(4, 'IntegerDeserializer', (bytes) => String(bytes.readInt32BE())),
  Long: fixed(8, 'LongDeserializer', (bytes) => String(bytes.readBigInt64BE())),
  Float: fixed(4, 'FloatDeserializer', (bytes) => doubleText(Number(bytes.readFloatBE().toPrecision(7)))),
  Double: fixed(8, 'DoubleDeserializer', (bytes) => doubleText(bytes.readDoubleBE())),
  Boolean: fixed(1, 'BooleanDeserializer', (bytes) => (bytes[0] === 1 ? 'true' : 'false')),
};

/** @throws CommandError for a class that exists only in Java */
export function deserializer(className: string): Print {
  const name = className.replace(/^.*\./, '').replace(/Deserializer$/, '');
  const found = DESERIALIZERS[name];
  if (found) return found;
  const known = Object.keys(DESERIALIZERS).map((each) => `${each}Deserializer`);
  throw new CommandError(`There is no deserializer ${className} here; these are: ${known.join(', ')}.`);
}
