/** The drawing itself: brokers with their replicas, the high watermark, groups; dots are moved by dots.tsx. */
import type { ClusterView, TopicDetail } from '@schemas';
import { useMemo } from 'preact/hooks';
import { useWidth } from '../components/use-width.js';
import { rateByLeader, readersOf } from '../logic/flow-choice.js';
import {
  type BrokerBox,
  type GroupBox,
  into,
  layOut,
  type MemberBox,
  middle,
  outOf,
  type PictureLayout,
  shortMember,
} from '../logic/flow-layout.js';
import { plural, rate } from '../logic/format.js';
import { Dots } from './dots.js';
import type { Flow } from './flow-source.js';

const MOST_READERS = 12;

interface DrawingProps {
  view: ClusterView;
  detail: TopicDetail | null;
  flow: Flow;
}

export function Drawing({ view, detail, flow }: DrawingProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const readers = readersOf(flow.rates, MOST_READERS);
  const brokers = view.brokers.map(({ brokerId }) => brokerId);
  const partitions = detail?.partitions ?? [];
  const shape = JSON.stringify([
    width,
    brokers,
    readers.map(({ groupId, memberId }) => [groupId, memberId]),
    partitionsShape(partitions),
  ]);
  const layout = useMemo(() => layOut({ width, brokers, partitions, readers }), [shape]);
  const rates = rateByLeader(flow.rates);
  return (
    <div class="picture" ref={frame}>
      <svg
        class={layout.upright ? 'upright' : ''}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="img"
        aria-label={summary(layout, detail, rates)}
      >
        <Ways layout={layout} rates={rates} readers={readers} />
        <Producers layout={layout} />
        {layout.brokers.map((box) => (
          <Broker box={box} view={view} key={box.brokerId} />
        ))}
        <Watermark layout={layout} />
        {layout.groups.map((box) => (
          <Group box={box} readers={readers} key={box.groupId} />
        ))}
        {layout.groups.length === 0 ? <NoGroups layout={layout} /> : null}
        <Dots layout={layout} flow={flow} />
      </svg>
    </div>
  );
}

function partitionsShape(partitions: TopicDetail['partitions']): unknown {
  return partitions.slice(0, 60).map(({ partition, leader, replicas, isr }) => [partition, leader, replicas, isr]);
}

function summary(layout: PictureLayout, detail: TopicDetail | null, rates: Map<number, number>): string {
  const total = [...rates.values()].reduce((sum, each) => sum + each, 0);
  const members = layout.groups.reduce((sum, { members: list }) => sum + list.length, 0);
  return (
    `Producers write ${rate(total)} records per second to ${detail?.topic.name ?? 'the topic'} on ` +
    `${plural(layout.brokers.length, 'broker')}; read by ${plural(layout.groups.length, 'group')} ` +
    `with ${plural(members, 'member')}.`
  );
}

function Ways({
  layout,
  rates,
  readers,
}: {
  layout: PictureLayout;
  rates: Map<number, number>;
  readers: ReturnType<typeof readersOf>;
}) {
  const start = outOf(layout.producers, layout.upright);
  const gate = middleOf(layout);
  return (
    <g>
      {layout.brokers.map((box) => {
        const end = into(box, layout.upright);
        const perSecond = rates.get(box.brokerId) ?? 0;
        return (
          <g key={box.brokerId}>
            <path class={perSecond > 0 ? 'edge flowing' : 'edge'} d={`M${start.x} ${start.y}L${end.x} ${end.y}`} />
            <EdgeLabel x={(start.x + 2 * end.x) / 3} y={(start.y + 2 * end.y) / 3} perSecond={perSecond} />
            <Straight from={outOf(box, layout.upright)} to={gate} />
          </g>
        );
      })}
      {layout.groups
        .flatMap(({ members }) => members)
        .map((member) => {
          const end = into(member, layout.upright);
          const reader = readers.find((each) => each.groupId === member.groupId && each.memberId === member.memberId);
          const perSecond = reader?.recordsPerSecond ?? 0;
          return (
            <g key={`${member.groupId} ${member.memberId}`}>
              {layout.upright ? null : (
                <path class={perSecond > 0 ? 'edge flowing' : 'edge'} d={`M${gate.x} ${gate.y}L${end.x} ${end.y}`} />
              )}
            </g>
          );
        })}
    </g>
  );
}

function Straight({ from, to }: { from: { x: number; y: number }; to: { x: number; y: number } }) {
  return <path class="edge" d={`M${from.x} ${from.y}L${to.x} ${to.y}`} />;
}

function middleOf({ watermark: { from, to } }: PictureLayout) {
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
}

function EdgeLabel({ x, y, perSecond }: { x: number; y: number; perSecond: number }) {
  return perSecond > 0 ? (
    <text class="edge-label centre" x={x} y={y - 5}>
      {rate(perSecond)}/s
    </text>
  ) : null;
}

function Producers({ layout: { producers } }: { layout: PictureLayout }) {
  const { x, y } = middle(producers);
  return (
    <g>
      <rect class="box" {...producers} rx="10" />
      <text class="strong centre" x={x} y={y + 5}>
        Producers
      </text>
    </g>
  );
}

function Broker({ box, view }: { box: BrokerBox; view: ClusterView }) {
  const broker = view.brokers.find(({ brokerId }) => brokerId === box.brokerId);
  const away =
    broker?.registered === false || broker?.probe.state === 'refused' || broker?.probe.state === 'unreachable';
  return (
    <g>
      <rect class={away ? 'box unhealthy' : 'box'} x={box.x} y={box.y} width={box.width} height={box.height} rx="10" />
      <text class="strong" x={box.x + 10} y={box.y + 22}>
        {box.width < 110 ? `B ${box.brokerId}` : `Broker ${box.brokerId}`}
      </text>
      {broker?.isController ? (
        <g>
          <title>Controller</title>
          <path
            class="crown"
            transform={`translate(${box.x + box.width - 30} ${box.y + 6})`}
            d="M1 6l4 3.500L10 2l5 7.500L19 6l-2 10H3z"
          />
        </g>
      ) : null}
      {away ? (
        <text class="faint" x={box.x + 10} y={box.y + 22} dx={box.width < 110 ? 30 : 72}>
          away
        </text>
      ) : null}
      {box.chips.map((chip) => (
        <g class={`chip ${chip.role}`} key={chip.partition}>
          <rect x={chip.x} y={chip.y} width={chip.width} height={chip.height} rx="5" />
          <text x={chip.x + (chip.width - 16) / 2} y={chip.y + 16.5}>
            P{chip.partition}
          </text>
        </g>
      ))}
      {box.more > 0 ? (
        <text class="faint" x={box.x + box.width - 8} y={box.y + box.height - 8} text-anchor="end">
          +{box.more} more
        </text>
      ) : null}
    </g>
  );
}

function Watermark({ layout: { watermark, upright, width } }: { layout: PictureLayout }) {
  const { from, to } = watermark;
  return (
    <g>
      <line class="watermark" x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
      <text
        class="watermark-label"
        x={upright ? width - 8 : from.x}
        y={upright ? from.y - 7 : 12}
        text-anchor={upright ? 'end' : 'middle'}
      >
        high watermark
      </text>
    </g>
  );
}

function Group({ box, readers }: { box: GroupBox; readers: ReturnType<typeof readersOf> }) {
  return (
    <g>
      <rect class="box group" x={box.x} y={box.y} width={box.width} height={box.height} rx="10" />
      <text class="strong" x={box.x + 10} y={box.y + 19}>
        {cut(`Group ${box.groupId}`, box.width - 16)}
      </text>
      {box.members.map((member) => (
        <g key={member.memberId}>
          <rect class="box" x={member.x} y={member.y} width={member.width} height={member.height} rx="6" />
          <text class="faint" x={member.x + 8} y={member.y + 15.5}>
            {cut(member.memberId === '' ? 'no member is reading' : shortMember(member.memberId), member.width - 64)}
          </text>
          <ReaderRate member={member} readers={readers} />
        </g>
      ))}
    </g>
  );
}

function ReaderRate({ member, readers }: { member: MemberBox; readers: ReturnType<typeof readersOf> }) {
  const mine = readers.find((each) => each.groupId === member.groupId && each.memberId === member.memberId);
  return mine && mine.recordsPerSecond > 0 ? (
    <text class="edge-label inside" x={member.x + member.width - 8} y={member.y + 15.5} text-anchor="end">
      {rate(mine.recordsPerSecond)}/s
    </text>
  ) : null;
}

/** SVG does not break or cut text; 7 px is about the width of a letter. */
function cut(text: string, width: number): string {
  const most = Math.floor(width / 7);
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text;
}

function NoGroups({ layout: { width, height, upright } }: { layout: PictureLayout }) {
  return upright ? (
    <text class="faint centre" x={width / 2} y={height - 24}>
      No group reads this topic
    </text>
  ) : (
    <text class="faint" x={width * 0.74} y={height / 2 + 4}>
      No group reads this topic
    </text>
  );
}
