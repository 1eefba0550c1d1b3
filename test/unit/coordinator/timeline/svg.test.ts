import fc from 'fast-check';
import type { Timeline, TimelineStep } from '../../../../coordinator/schemas';
import { timelineSvg } from '../../../../coordinator/timeline/svg';

function step(more: Partial<TimelineStep>): TimelineStep {
  return {
    atMs: 1_000,
    tookMs: null,
    name: 'a step',
    title: 'A step',
    explanation: 'It happens.',
    document: null,
    details: {},
    from: 'znode',
    ...more,
  };
}

function timeline(steps: TimelineStep[], more: Partial<Timeline['lanes'][number]> = {}): Timeline {
  const times = steps.map(({ atMs }) => atMs);
  return {
    fromMs: Math.min(...times),
    toMs: Math.max(...times),
    lanes: [{ id: 'broker-0', kind: 'broker', title: 'Broker 0', steps, note: null, ...more }],
  };
}

/** A reader of XML that knows just enough to find what is not well-formed. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  let matching = true;
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_all, close: string, name: string, _attributes, empty: string) => {
      if (close) matching &&= open.pop() === name;
      else if (!empty) open.push(name);
      return '';
    },
  );
  expect({ matching, open }).toEqual({ matching: true, open: [] });
  expect(rest).not.toMatch(/[<>]/);
  expect(rest.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
  // oxlint-disable-next-line no-control-regex
  expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
}

describe('the picture of the timeline', () => {
  it('is a whole document with lanes, steps, how long they took, and a legend', () => {
    const svg = timelineSvg(
      timeline([step({ title: 'Loads its logs', tookMs: 140 }), step({ atMs: 1_140, title: 'Runs' })]),
    );
    expectWellFormed(svg);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 1000 \d+"/);
    for (const words of [
      'Broker 0',
      'Loads its logs · 140 ms',
      'Runs',
      'seen in ZooKeeper',
      'It happens.',
      'prefers-color-scheme:dark',
    ]) {
      expect(svg).toContain(words);
    }
  });

  it('fetches nothing and runs nothing, whatever names a cluster has', () => {
    const evil = '<script>alert(1)</script>"\'& ]]> <image href="http://x/">';
    const svg = timelineSvg(
      timeline([step({ title: evil, explanation: evil, name: evil })], { title: evil, note: evil }),
    );
    expectWellFormed(svg);
    const elements = new Set([...svg.matchAll(/<([\w:-]+)/g)].map(([, name]) => name));
    expect([...elements].sort()).toEqual(['circle', 'g', 'line', 'path', 'rect', 'style', 'svg', 'text', 'title']);
    const attributes = [...svg.matchAll(/<\w+([^>]*)>/g)].flatMap(
      ([, all]) => (all as string).match(/[\w:-]+(?==")/g) ?? [],
    );
    expect(attributes.filter((name) => /^on|href|src|style$/.test(name))).toEqual([]);
    expect(/<style>(.*)<\/style>/.exec(svg)?.[1]).not.toMatch(/url\(|@import/);
  });

  it('is well-formed for any text and any time', () => {
    const steps = fc.array(
      fc.record({
        atMs: fc.double({ noNaN: true, noDefaultInfinity: true }),
        tookMs: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })),
        title: fc.string({ unit: 'binary' }),
        explanation: fc.string({ unit: 'binary' }),
        from: fc.constantFrom<TimelineStep['from']>('startup-event', 'znode', 'fault', 'observation'),
      }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(steps, fc.string({ unit: 'binary' }), (some, note) => {
        expectWellFormed(timelineSvg(timeline(some.map(step), { note })));
      }),
    );
  });

  it('never lets two labels of a lane overlap', () => {
    const steps = Array.from({ length: 40 }, (_, index) =>
      step({ atMs: 1_000 + index * 13, title: `Step number ${index}` }),
    );
    const labels = [
      ...timelineSvg(timeline(steps)).matchAll(
        /<\/title>.*?<text x="([\d.]+)" y="(\d+)"( text-anchor="end")?>([^<]+)</g,
      ),
    ];
    expect(labels).toHaveLength(40);
    const taken = labels.map(([, x, y, end, label]) => {
      const width = (label as string).length * 5;
      return { y, from: end ? Number(x) - width : Number(x), to: end ? Number(x) : Number(x) + width };
    });
    const overlaps = taken.filter((one, index) =>
      taken.some((other, place) => place < index && other.y === one.y && one.from < other.to && other.from < one.to),
    );
    expect(overlaps).toEqual([]);
    expect(taken.every(({ from, to }) => from >= 0 && to <= 1_000)).toBe(true);
  });

  it('says when there is nothing to show, and when something is left out', () => {
    expect(timelineSvg({ fromMs: null, toMs: null, lanes: [] })).toContain('Nothing has been seen yet.');
    const many = Array.from({ length: 500 }, (_, index) => step({ atMs: index * 100 }));
    expect(timelineSvg(timeline(many))).toContain('340 earlier steps are left out.');
  });
});
