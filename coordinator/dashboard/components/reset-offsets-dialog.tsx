/** Lets a group read on from somewhere else. Possible only while nobody is in it. */
import type { GroupDetail, OffsetReset, OffsetResetAnswer } from '@schemas';
import { useState } from 'preact/hooks';
import { parseLocalTime, plural } from '../logic/format.js';
import { searchOf } from '../logic/routes.js';
import { notify, perform } from '../notices.js';
import { Field, FormDialog, InputField } from './dialog.js';

interface ResetProps {
  detail: GroupDetail;
  onClose(): void;
  onDone(): void;
}

export function ResetOffsetsDialog({ detail, onClose, onDone }: ResetProps) {
  const { groupId, members } = detail.group;
  const topics = [...new Set(detail.offsets.map(({ topic }) => topic))];
  const [topic, setTopic] = useState(topics[0] ?? '');
  const [to, setTo] = useState<OffsetReset['to']>('earliest');
  const [offset, setOffset] = useState('0');
  const [time, setTime] = useState('');
  const submit = async () => {
    const timeMs = parseLocalTime(time);
    if (to === 'time' && timeMs === null) {
      notify('Choose a time first', true);
      return false;
    }
    const body: OffsetReset = {
      topic,
      to,
      ...(to === 'offset' ? { offset: Number(offset) } : {}),
      ...(to === 'time' && timeMs !== null ? { timeMs } : {}),
    };
    const path = `/api/group/offsets?${searchOf({ groupId })}`;
    const answer = await perform<OffsetResetAnswer>(
      'POST',
      path,
      body,
      ({ offsets }) => `${plural(offsets.length, 'partition')} of ${groupId} set.`,
    );
    if (answer) onDone();
    return answer !== null;
  };
  return (
    <FormDialog title={`Reset offsets of ${groupId}`} action="Reset" onSubmit={submit} onClose={onClose}>
      <p>The group will read on from there: earlier records again, or not the ones in between.</p>
      {members > 0 ? (
        <p class="note warn">
          {plural(members, 'member')} {members === 1 ? 'is' : 'are'} in this group now. Stop them first: Kafka refuses
          to move offsets under a reading member.
        </p>
      ) : null}
      <InputField label="Topic" required value={topic} onText={setTopic} />
      <Field label="Read on from">
        {(id) => (
          <select id={id} value={to} onChange={(event) => setTo(event.currentTarget.value as OffsetReset['to'])}>
            <option value="earliest">the oldest record that is kept</option>
            <option value="latest">the end: only what comes from now on</option>
            <option value="offset">an offset, in each partition</option>
            <option value="time">a time</option>
          </select>
        )}
      </Field>
      {to === 'offset' ? (
        <InputField label="Offset" type="number" min={0} required value={offset} onText={setOffset} />
      ) : null}
      {to === 'time' ? (
        <InputField label="Time" type="datetime-local" step={1} required value={time} onText={setTime} />
      ) : null}
    </FormDialog>
  );
}
