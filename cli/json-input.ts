/** JSON files that commands are given: reading them, and telling what is missing in them. */
import { readFile } from 'node:fs/promises';
import { CommandError } from './command';

/** @throws CommandError when the file cannot be read */
export async function readTextFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new CommandError(`Unable to read file ${file}: ${why}`);
  });
}

/** An object in such a file. */
export class JsonFields {
  private constructor(private readonly fields: Readonly<Record<string, unknown>>) {}

  /** @throws CommandError when the text is not JSON */
  static parse(text: string): JsonFields {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (error) {
      throw new CommandError(`The input string is not a valid JSON: ${(error as Error).message}`);
    }
    return JsonFields.of(parsed);
  }

  private static of(value: unknown): JsonFields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return new JsonFields(value as Record<string, unknown>);
    }
    throw new CommandError(`Expected JSON object, received ${JSON.stringify(value)}`);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.fields, name);
  }

  text(name: string): string {
    return expect(this.required(name), name, 'String', (value) => typeof value === 'string') as string;
  }

  integer(name: string): number {
    return expect(this.required(name), name, 'Integer', Number.isSafeInteger) as number;
  }

  integers(name: string): number[] {
    return this.list(name, 'Integer', Number.isSafeInteger) as number[];
  }

  texts(name: string): string[] {
    return this.list(name, 'String', (value) => typeof value === 'string') as string[];
  }

  objects(name: string): JsonFields[] {
    return this.list(name, 'JSON object', () => true).map((each) => JsonFields.of(each));
  }

  /** The version of the format, 1 unless the file says another. @throws CommandError when that is not 1 */
  checkVersion(): void {
    const version = this.has('version') ? this.integer('version') : 1;
    if (version !== 1) throw new CommandError(`Not supported version field value ${version}`);
  }

  private list(name: string, what: string, fits: (value: unknown) => boolean): unknown[] {
    const values = expect(this.required(name), name, 'JSON array', Array.isArray) as unknown[];
    return values.map((value) => expect(value, name, what, fits));
  }

  private required(name: string): unknown {
    if (!this.has(name)) throw new CommandError(`No such field exists: \`${name}\``);
    return this.fields[name];
  }
}

function expect(value: unknown, name: string, what: string, fits: (value: unknown) => boolean): unknown {
  if (fits(value)) return value;
  throw new CommandError(`Field \`${name}\`: expected ${what} value, received ${JSON.stringify(value)}`);
}
