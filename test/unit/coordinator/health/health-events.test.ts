/** When changes of judgements are told. */
import { HealthEvents, type Judged } from '../../../../coordinator/health/health-events';
import { reason } from '../../../../coordinator/health/reasons';
import { judge } from '../../../../coordinator/health/verdict';
import type { LiveEvent } from '../../../../coordinator/schemas';

const good = judge([]);
const bad = judge([reason('NO_CONTROLLER', { kind: 'controller', id: '' }, {})]);

function listening() {
  const texts: string[] = [];
  const subjects: (string | null)[] = [];
  const health = new HealthEvents({
    publish(type, subject, text, data): LiveEvent {
      texts.push(text);
      subjects.push(subject);
      return { id: texts.length, atMs: 0, type, subject, text, data };
    },
  });
  return { health, texts, subjects };
}

const topics = (count: number, verdict: Judged['verdict']): Judged[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'topic', id: `t${i}`, verdict }));

it('tells of a change and why, and not of the first judgement nor of one that stays', () => {
  const { health, texts, subjects } = listening();
  health.take([{ kind: 'broker', id: '1', verdict: good }]);
  health.take([{ kind: 'broker', id: '1', verdict: good }]);
  health.take([{ kind: 'broker', id: '1', verdict: bad }]);
  health.take([{ kind: 'broker', id: '1', verdict: bad }]);
  health.take([{ kind: 'broker', id: '1', verdict: good }]);
  expect(texts).toEqual([
    'Broker 1 went from healthy to unhealthy: No broker is the controller: no leader is elected and no topic made until one is.',
    'Broker 1 went from unhealthy to healthy.',
  ]);
  expect(subjects).toEqual(['1', '1']);
});

it('tells once of a thousand topics that change together', () => {
  const { health, texts } = listening();
  health.take(topics(1_000, good));
  health.take(topics(1_000, bad));
  expect(texts).toHaveLength(1);
  expect(texts[0]).toContain('1000 topics are unhealthy now (t0, t1, t2, t3, t4 and 995 more)');
});

it('forgets what is gone, so that a new one of the same name begins afresh', () => {
  const { health, texts } = listening();
  health.take(topics(1, bad));
  health.take([]);
  health.take(topics(1, good));
  expect(texts).toEqual([]);
});
