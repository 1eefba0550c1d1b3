/** All lessons, in the order in which one would take them. */
import type { Ground } from '../parts';
import { controllerDies } from './controller-dies';
import { LessonEngine } from './engine';
import { groupsAndRebalancing } from './groups-and-rebalancing';
import type { Lesson, LessonParts } from './lesson';
import { orderingByKey } from './ordering-by-key';
import { partitionAndReplicas } from './partition-and-replicas';
import { replayByOffset } from './replay-by-offset';
import { retention } from './retention';
import { startupSequence } from './startup-sequence';

export const allLessons: readonly Lesson[] = [
  startupSequence,
  partitionAndReplicas,
  orderingByKey,
  groupsAndRebalancing,
  replayByOffset,
  retention,
  controllerDies,
];

/** The lessons of this service; `close()` them while brokers can still be reached. */
export function createLessons(ground: Ground, parts: LessonParts): LessonEngine {
  return new LessonEngine(ground, parts, allLessons);
}

export type { LessonEngine } from './engine';
export type { LessonParts } from './lesson';
