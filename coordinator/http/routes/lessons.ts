/** Guided lessons: the list, and runs of them step by step. */
import { Type } from '@sinclair/typebox';
import type { CoordinatorParts } from '../../parts';
import { LessonList, LessonRun } from '../../schemas';
import { ApiError } from '../api-error';
import { type Route, route } from '../route';

const tag = 'Lessons';
const LessonId = Type.String({ minLength: 1, maxLength: 100, pattern: '^[a-z0-9-]+$', description: 'Id of a lesson' });
const runParams = Type.Object({ runId: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }) });

export function lessonRoutes({ lessons }: CoordinatorParts): Route[] {
  const runOf = (runId: number): LessonRun => {
    const run = lessons.run(runId);
    if (!run) throw new ApiError(404, 'UNKNOWN_RUN', `There is no run ${runId} of a lesson`);
    return run;
  };
  const checkLesson = (lessonId: string): void => {
    if (lessons.list().lessons.some(({ id }) => id === lessonId)) return;
    throw new ApiError(404, 'UNKNOWN_LESSON', `There is no lesson ${lessonId}`);
  };
  return [
    route({
      method: 'get',
      path: '/api/lessons',
      tag,
      summary: 'All lessons',
      answer: LessonList,
      handle: () => lessons.list(),
    }),
    route({
      method: 'get',
      path: '/api/lessons/runs/{runId}',
      tag,
      summary: 'How far a run is',
      params: runParams,
      answer: LessonRun,
      handle: ({ params: { runId } }) => runOf(runId),
    }),
    route({
      method: 'post',
      path: '/api/lessons/{lessonId}/runs',
      tag,
      summary: 'Begins a lesson; another run that is under way ends',
      params: Type.Object({ lessonId: LessonId }),
      answer: LessonRun,
      status: 201,
      action: true,
      handle: ({ params: { lessonId } }) => {
        checkLesson(lessonId);
        return lessons.begin(lessonId);
      },
    }),
    route({
      method: 'post',
      path: '/api/lessons/runs/{runId}/steps',
      tag,
      summary: 'Does the next step; answers when it has ended',
      params: runParams,
      answer: LessonRun,
      action: true,
      handle: ({ params: { runId } }) => {
        runOf(runId);
        return lessons.step(runId);
      },
    }),
    route({
      method: 'delete',
      path: '/api/lessons/runs/{runId}',
      tag,
      summary: 'Ends a run and removes what it made',
      params: runParams,
      answer: LessonRun,
      action: true,
      handle: ({ params: { runId } }) => {
        runOf(runId);
        return lessons.end(runId);
      },
    }),
  ];
}
