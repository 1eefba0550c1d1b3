/** What a chosen step of the timeline means. */
import type { TimelineStep } from '@schemas';
import { useEffect, useRef } from 'preact/hooks';
import { DocumentLink } from '../components/document-link.js';
import { Card, Fact } from '../components/page.js';
import { duration, timeOfDay } from '../logic/format.js';
import { sinceStart } from '../logic/timeline-scale.js';

export interface Chosen {
  laneId: string;
  laneTitle: string;
  step: TimelineStep;
}

export function StepCard({ chosen: { laneTitle, step }, originMs }: { chosen: Chosen; originMs: number }) {
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => card.current?.scrollIntoView({ block: 'nearest' }), [step]);
  return (
    <div role="status" ref={card}>
      <Card title={step.title} beside={<span class="badge">{laneTitle}</span>} label="The chosen step">
        <p>
          {step.explanation} <DocumentLink document={step.document}>Read more</DocumentLink>
        </p>
        <dl class="facts small">
          <Fact name="When">
            {timeOfDay(step.atMs)}, {sinceStart(step.atMs - originMs)} from the beginning
          </Fact>
          {step.tookMs === null ? null : <Fact name="Until the next step">{duration(step.tookMs)}</Fact>}
          {Object.entries(step.details).map(([name, value]) => (
            <Fact name={name} key={name}>
              <code>{String(value)}</code>
            </Fact>
          ))}
        </dl>
      </Card>
    </div>
  );
}
