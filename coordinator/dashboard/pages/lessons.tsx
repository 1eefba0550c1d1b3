/** The list of lessons. */
import type { LessonList, LessonRun, LessonSummary } from '@schemas';
import { Heading, Loaded } from '../components/page.js';
import { DocumentLink } from '../components/document-link.js';
import { Icon } from '../components/icon.js';
import { plural } from '../logic/format.js';
import { linkTo } from '../logic/routes.js';
import { perform } from '../notices.js';
import { useResource } from '../resource.js';
import { go } from '../router.js';

export function LessonsPage() {
  const lessons = useResource<LessonList>('/api/lessons', { on: ['lesson'], everyMs: 30_000 });
  return (
    <>
      <Heading
        title="Lessons"
        lead="Learn Kafka on this very cluster. Each step does a real thing, shows what changed in ZooKeeper and on the brokers, and checks itself. What a lesson makes, it removes again."
      />
      <Loaded resource={lessons}>
        {({ lessons: all }) => (
          <div class="cards">
            {all.map((lesson, index) => (
              <Lesson lesson={lesson} number={index + 1} key={lesson.id} />
            ))}
          </div>
        )}
      </Loaded>
    </>
  );
}

function Lesson({ lesson, number }: { lesson: LessonSummary; number: number }) {
  const begin = async () => {
    const run = await perform<LessonRun>('POST', `/api/lessons/${lesson.id}/runs`, undefined, null);
    if (run) go(linkTo(['lessons', 'runs', run.id]));
  };
  return (
    <article class="card lesson" aria-label={lesson.title}>
      <h2>
        {number}. {lesson.title}
      </h2>
      <div class="form">
        <p>{lesson.summary}</p>
        {lesson.unavailable ? <p class="note warn">Not possible here: {lesson.unavailable}</p> : null}
      </div>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={lesson.unavailable !== null}
          aria-label={`Begin: ${lesson.title}`}
          onClick={() => void begin()}
        >
          <Icon name="play" /> Begin
        </button>
        <span class="small soft">{plural(lesson.steps, 'step')}</span>
        <DocumentLink document={lesson.document}>Background</DocumentLink>
      </div>
    </article>
  );
}
