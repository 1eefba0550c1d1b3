import { ManualClock } from '../../../runtime/manual-clock';
import { Screen } from '../../../supervisor/screen';

const screenWith = (isTTY: boolean) => {
  const written: string[] = [];
  const clock = new ManualClock();
  const screen = new Screen({ write: (text) => written.push(text), isTTY }, clock);
  return { screen, clock, written };
};

describe('the screen', () => {
  it('puts the seconds since its start before a step', () => {
    const { screen, clock, written } = screenWith(false);
    clock.advance(12_345);
    screen.step('done');
    expect(written).toEqual(['  12.3 s  done\n']);
  });

  it('shows progress on a terminal in one line, and clears it when something else is printed', () => {
    const { screen, written } = screenWith(true);
    const show = screen.progress('events', 10);
    show(5);
    screen.line('next');
    expect(written.join('')).toContain('5/10 events');
    expect(written.join('')).not.toContain('5/10 events\n');
    expect(written.at(-1)).toBe('next\n');
  });

  it('keeps progress within the width of the terminal, where a line that wraps could not be replaced', () => {
    for (const columns of [80, 60, 40]) {
      const written: string[] = [];
      const output = { write: (text: string) => written.push(text), isTTY: true, columns };
      const show = new Screen(output, new ManualClock()).progress('events acknowledged by all replicas', 4000);
      show(3999);
      const shown = written[0]?.slice('\r'.length, -'\u001b[K'.length);
      expect(shown?.length).toBeLessThan(columns);
      expect(shown).toContain('3999/4000 events');
    }
  });

  it('prints progress in quarters where there is no terminal', () => {
    const { screen, written } = screenWith(false);
    const show = screen.progress('events', 100);
    for (let done = 1; done <= 100; done++) show(done);
    expect(written.map((line) => line.trim())).toEqual([
      '25/100 events',
      '50/100 events',
      '75/100 events',
      '100/100 events',
    ]);
  });

  it('aligns tables: words to the left, numbers to the right', () => {
    const { screen, written } = screenWith(false);
    screen.table(
      ['name', 'lag'],
      [
        ['orders', 5],
        ['x', 1234],
      ],
    );
    expect(written.map((line) => line.trimEnd().slice(10))).toEqual([
      'name      lag',
      '─────────────',
      'orders      5',
      'x        1234',
    ]);
  });
});
