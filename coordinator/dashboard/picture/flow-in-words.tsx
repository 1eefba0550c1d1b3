/** The picture's content as text: for those who do not see it, and for the exact times. */
import type { TracedRecord } from '@schemas';
import { count, duration, rate, timeOfDay } from '../logic/format.js';
import { shortMember } from '../logic/flow-layout.js';
import { readersOf } from '../logic/flow-choice.js';
import { type Flow, recordKey } from './flow-source.js';

const SHOWN = 12;

export function FlowInWords({ flow, topic }: { flow: Flow; topic: string }) {
  return (
    <details>
      <summary>The same in words{flow.source === 'traces' ? ', with the real times' : ''}</summary>
      <RatesInWords flow={flow} topic={topic} />
      {flow.records.length > 0 ? <Recent records={flow.records.slice(-SHOWN).reverse()} /> : null}
    </details>
  );
}

function RatesInWords({ flow, topic }: { flow: Flow; topic: string }) {
  const total = flow.rates.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
  return (
    <ul class="small">
      <li>
        {topic} takes in {rate(total)} records per second.
      </li>
      {readersOf(flow.rates, 20).map(({ groupId, memberId, recordsPerSecond }) => (
        <li key={`${groupId} ${memberId}`}>
          Group {groupId}
          {memberId === '' ? '' : `, member ${shortMember(memberId)},`} reads {rate(recordsPerSecond)} records per
          second.
        </li>
      ))}
    </ul>
  );
}

function Recent({ records }: { records: readonly TracedRecord[] }) {
  return (
    <div class="scroll" role="region" aria-label="The newest records" tabIndex={0}>
      <table>
        <caption>
          The newest records that were traced. Times count from the moment when the leader had written it.
        </caption>
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col" class="number">
              Offset
            </th>
            <th scope="col">Written by the leader</th>
            <th scope="col">On the followers</th>
            <th scope="col">Past the high watermark</th>
            <th scope="col">Fetched by a consumer</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr key={recordKey(record)}>
              <th scope="row">{record.partition}</th>
              <td class="number">{count(record.offset)}</td>
              <td class="nowrap">
                broker {record.leader}, {timeOfDay(record.appendedMs)}
              </td>
              <td class="nowrap">{followersText(record)}</td>
              <td class="nowrap">{later(record, record.committedMs)}</td>
              <td class="nowrap">{later(record, record.fetchedMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function followersText(record: TracedRecord): string {
  const parts = Object.entries(record.replicatedMs).map(([id, atMs]) => `broker ${id} ${later(record, atMs)}`);
  return parts.length === 0 ? '–' : parts.join(', ');
}

function later({ appendedMs }: TracedRecord, atMs: number | null): string {
  return atMs === null ? 'not yet' : `after ${duration(Math.max(0, atMs - appendedMs))}`;
}
