/** Many lines to a stream: gathered into few writes, and never more than the reader takes. */
import type { Writable } from 'node:stream';

const FULL_CHARACTERS = 64 * 1024;

export class LineWriter {
  private lines: string[] = [];
  private characters = 0;

  constructor(private readonly stream: Writable) {}

  line(text: string): void {
    this.lines.push(text);
    this.characters += text.length + 1;
  }

  /** Time to flush. */
  get isFull(): boolean {
    return this.characters >= FULL_CHARACTERS;
  }

  /** Resolves when the stream has taken all lines. */
  flush(): Promise<void> {
    if (this.lines.length === 0) return Promise.resolve();
    const text = `${this.lines.join('\n')}\n`;
    this.lines = [];
    this.characters = 0;
    return new Promise((resolve) => {
      this.stream.write(text, () => resolve());
    });
  }
}
