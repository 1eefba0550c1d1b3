/** The lessons as texts: documents that exist, commands that exist with options that they have, sentences one can read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allLessons } from '../../../../coordinator/lessons';
import type { Place, Step } from '../../../../coordinator/lessons/lesson';
import { documentExists } from '../../../support/lesson-ground';

const root = join(__dirname, '..', '..', '..', '..');
/** Where a lesson may take place: one broker or three, with faults or without. */
const places = [1, 3].flatMap((brokers) =>
  [true, false].map((faults): Place => {
    const brokerIds = Array.from({ length: brokers }, (_, id) => id);
    const names = { topic: 'lesson-x-1', group: 'lesson-x-1-group', zookeeper: 'localhost:2181' };
    const addresses = { bootstrap: 'localhost:9092,localhost:9093', broker: 'localhost:9092', httpListener: null };
    return { ...names, ...addresses, brokerIds, faults, replicationFactor: brokers };
  }),
);
const steps = allLessons.flatMap((lesson) =>
  places.flatMap((place) => lesson.steps(place).map((step) => [`${lesson.id}: ${step.title}`, step] as const)),
);
const byTitle = [...new Map<string, Step>(steps)];

const cliText = readdirSync(join(root, 'cli'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'cli', name), 'utf8'))
  .join('\n');

const LONGEST_SENTENCE_WORDS = 30;
const LONGEST_TEXT_WORDS = 110;

const sentencesOf = (text: string): string[] => text.split(/(?<=[.?!])\s+/);
const wordsOf = (text: string): number => text.split(/\s+/).length;

describe('the lessons', () => {
  it.each(allLessons.map(({ id, document }) => [id, document]))('link a document that exists: %s', (_, document) => {
    expect(documentExists(join(root, 'docs'), document)).toBe(true);
  });

  it('have ids that are unique and fit into a URL and a topic name', () => {
    const ids = allLessons.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+$/);
  });

  it.each(allLessons.map((lesson) => [lesson.id, lesson] as const))(
    'have as many steps as their summary says, wherever they take place: %s',
    (_, lesson) => {
      expect(new Set(places.map((place) => lesson.steps(place).length)).size).toBe(1);
    },
  );

  it.each(byTitle)('name commands that exist, with options that they have: %s', (_, { command }) => {
    for (const line of command?.split('\n') ?? []) {
      const program = line.split(' ')[0] as string;
      if (!program.startsWith('bin/')) {
        expect(['kill', 'curl']).toContain(program);
        continue;
      }
      expect(existsSync(join(root, program))).toBe(true);
      for (const [, option] of line.matchAll(/ --([a-z][a-z-]*)/g)) {
        const declared = cliText.includes(`'${option}':`) || new RegExp(`\\b${option}: `).test(cliText);
        expect(declared ? option : `no option ${option}`).toBe(option);
      }
    }
  });

  it.each(byTitle)('speak in short sentences, and not too many: %s', (_, { text }) => {
    const long = sentencesOf(text).filter((sentence) => wordsOf(sentence) > LONGEST_SENTENCE_WORDS);
    expect(long).toEqual([]);
    expect(wordsOf(text)).toBeLessThanOrEqual(LONGEST_TEXT_WORDS);
  });
});
