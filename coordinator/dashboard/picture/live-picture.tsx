/** The live picture: choice of the topic, the drawing, what its signs mean, and the same in words. */
import type { ClusterView, RecordFlow, TopicDetail, TopicPage } from '@schemas';
import { useState } from 'preact/hooks';
import { Card } from '../components/page.js';
import { Field } from '../components/dialog.js';
import { Term } from '../components/term.js';
import { pickTopic } from '../logic/flow-choice.js';
import { linkTo } from '../logic/routes.js';
import { useResource } from '../resource.js';
import { Drawing } from './drawing.js';
import { type Flow, useFlow } from './flow-source.js';
import { FlowInWords } from './flow-in-words.js';

const sources: Record<RecordFlow['source'], string> = {
  traces: 'Each dot is a real record, as the brokers report it; its way is drawn in slow motion.',
  offsets: 'From polled offsets: these brokers do not report single records, so you see how many per second.',
  none: 'Nothing is known about records yet.',
};

/** Records per second beyond which the dots are no longer all there are. */
const FAST = 4;
const TOO_FAST = 'There are more than can be drawn: the dots are a sample, the numbers count all.';

export function LivePicture({ view }: { view: ClusterView }) {
  const flow = useFlow();
  const topics = useResource<TopicPage>('/api/topics', { on: ['topic'], everyMs: 30_000 });
  const names = (topics.data?.topics ?? []).map(({ name, internal }) => ({ name, internal }));
  const [chosen, setChosen] = useState<string | null>(null);
  const topic = pickTopic(chosen, names, flow);
  const detail = useResource<TopicDetail>(topic === null ? null : `/api/topics/${encodeURIComponent(topic)}`);
  const shown = detail.data?.topic.name === topic ? detail.data : null;
  const mine = only(flow, topic);
  return (
    <Card
      title="Records on their way"
      label="Live picture of records on their way"
      beside={topic === null ? null : <TopicChoice names={names} topic={topic} choose={setChosen} />}
    >
      <p class="small soft">
        {sources[flow.source]}
        {flow.source === 'traces' && totalRate(mine) > FAST ? ` ${TOO_FAST}` : ''}
        {flow.source === 'traces' ? polledText(flow, shown) : ''}
      </p>
      {topic === null ? (
        <p class="empty">
          There is no topic yet. <a href="#/topics">Make one</a> to see records move.
        </p>
      ) : (
        <>
          <Drawing key={topic} view={view} detail={shown} flow={mine} />
          <Legend traced={flow.source === 'traces'} />
          <FlowInWords flow={mine} topic={topic} />
          {mine.records.length === 0 && totalRate(mine) === 0 ? <NothingMoves topic={topic} /> : null}
        </>
      )}
    </Card>
  );
}

/** Whose partitions have no dots, in a cluster of which only some brokers report records. */
function polledText({ tracedBrokers }: Flow, detail: TopicDetail | null): string {
  const leaders = new Set((detail?.partitions ?? []).flatMap(({ leader }) => leader ?? []));
  const polled = [...leaders].filter((brokerId) => !tracedBrokers.includes(brokerId)).sort((a, b) => a - b);
  if (polled.length === 0) return '';
  return ` Partitions led by broker ${polled.join(', ')} show only how many per second, from polled offsets: single records are not reported there.`;
}

function only(flow: Flow, topic: string | null): Flow {
  return {
    ...flow,
    records: flow.records.filter((record) => record.topic === topic),
    rates: flow.rates.filter((rate) => rate.topic === topic),
  };
}

function totalRate({ rates }: Flow): number {
  return rates.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
}

function NothingMoves({ topic }: { topic: string }) {
  return (
    <p class="note">
      Nothing is being written to <strong>{topic}</strong> at the moment.{' '}
      <a href={linkTo(['topics', topic], { produce: 1 })}>Produce a record</a> and watch it go.
    </p>
  );
}

interface ChoiceProps {
  names: readonly { name: string }[];
  topic: string;
  choose(name: string): void;
}

function TopicChoice({ names, topic, choose }: ChoiceProps) {
  return (
    <Field label="Topic in the picture">
      {(id) => (
        <select id={id} value={topic} onChange={(event) => choose(event.currentTarget.value)}>
          {names.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function Legend({ traced }: { traced: boolean }) {
  return (
    <ul class="legend" aria-label="What the signs mean">
      <li>
        <i class="leader" />
        partition with its <Term name="leader" />
      </li>
      <li>
        <i class="follower" />
        its <Term name="follower">followers</Term>
      </li>
      {traced ? (
        <>
          <li>
            <i class="new" />
            <Term name="record" />, not yet on all in-sync replicas
          </li>
          <li>
            <i class="committed" />
            past the <Term name="high watermark" />: consumers may read it
          </li>
        </>
      ) : null}
    </ul>
  );
}
