/** What the commands of supervisor/ print for people: steps, progress that replaces itself on a terminal, tables. */
import type { Clock } from '../runtime/clock';

const BAR_CELLS = 30;
const INDENT = ' '.repeat(10);
/** Where a terminal does not tell its width. */
const USUAL_COLUMNS = 80;
/** Without a terminal progress is printed this often: at a quarter, a half … of the whole. */
const QUIET_STEPS = 4;

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  /** Width of the terminal, in cells. */
  columns?: number;
}

export class Screen {
  private readonly startMs: number;
  private barShown = false;

  constructor(
    private readonly output: Output,
    private readonly clock: Clock,
  ) {
    this.startMs = clock.monotonicMs();
  }

  /** A line with the seconds since the start before it. */
  step(text: string): void {
    const seconds = (this.clock.monotonicMs() - this.startMs) / 1000;
    this.line(`${seconds.toFixed(1).padStart(6)} s  ${text}`);
  }

  line(text = ''): void {
    this.clearBar();
    this.output.write(`${text}\n`);
  }

  /** Returns a function to be told how much is done; on a terminal the bar stays in its line. */
  progress(what: string, total: number): (done: number) => void {
    let printed = 0;
    return (done) => {
      const share = total === 0 ? 1 : Math.min(1, done / total);
      if (this.output.isTTY) {
        this.output.write(`\r${this.bar(share, `${done}/${total} ${what}`)}\u001b[K`);
        this.barShown = true;
        if (done >= total) this.clearBar();
        return;
      }
      const step = Math.floor(share * QUIET_STEPS);
      if (step <= printed) return;
      printed = step;
      this.line(`${INDENT}${done}/${total} ${what}`);
    };
  }

  /** Columns as wide as their widest cell, numbers to the right. */
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
    const cells = [head, ...rows].map((row) => row.map(String));
    const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
    for (const [at, row] of cells.entries()) {
      const padded = row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return typeof rows[0]?.[column] === 'number' ? cell.padStart(width) : cell.padEnd(width);
      });
      this.line(`${INDENT}${padded.join('   ').trimEnd()}`);
      if (at === 0) this.line(`${INDENT}${widths.map((width) => '─'.repeat(width)).join('───')}`);
    }
  }

  /** Bar and text in one line of the terminal: what wraps could not be replaced. The bar is what gets shorter. */
  private bar(share: number, text: string): string {
    const room = (this.output.columns || USUAL_COLUMNS) - 1;
    const cells = Math.max(0, Math.min(BAR_CELLS, room - INDENT.length - 1 - text.length));
    const filled = Math.round(share * cells);
    return `${INDENT}${'█'.repeat(filled)}${'░'.repeat(cells - filled)} ${text}`.slice(0, room);
  }

  private clearBar(): void {
    if (this.barShown) this.output.write('\r\u001b[K');
    this.barShown = false;
  }
}
