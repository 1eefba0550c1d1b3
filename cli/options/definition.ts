/** How a command declares its options: name, whether a value follows, of which type, and a sentence for --help. */

export type ValueType = 'String' | 'Integer' | 'Long' | 'Double';

export interface OptionDefinition {
  /**
   * `flag`: no value; `value`: one must follow; `optional`: one may follow; `list`: all that follows up to the next
   * option.
   */
  readonly kind: 'flag' | 'value' | 'optional' | 'list';
  readonly type: ValueType;
  /** What the value is, for --help. */
  readonly argument: string;
  readonly doc: string;
  readonly defaultText?: string;
  /** Reported by the parser when it is missing. */
  readonly required?: boolean;
  /** One letter that stands for the option. */
  readonly letter?: string;
}

export type OptionTable = Readonly<Record<string, OptionDefinition>>;

interface ValueExtras {
  type?: ValueType;
  defaultText?: string;
  required?: boolean;
  letter?: string;
}

function withKind(kind: 'value' | 'optional' | 'list') {
  return (argument: string, doc: string, extras: ValueExtras = {}): OptionDefinition => ({
    kind,
    type: 'String',
    argument,
    doc,
    ...extras,
  });
}

export const value = withKind('value');
export const optional = withKind('optional');
export const list = withKind('list');

export function flag(doc: string, letter?: string): OptionDefinition {
  return { kind: 'flag', type: 'String', argument: '', doc, letter };
}

/** The two options that every command has. */
export const commonOptions = {
  help: flag('Print this and end.'),
  version: flag('Print the version of Apache Kafka that this command speaks as.'),
} satisfies OptionTable;
