/** One znode: what it is for, who made it, payload, stat, and its history. */
import type { ZnodeHistory, ZnodeStat, ZnodeView } from '@schemas';
import { DocumentLink } from '../components/document-link.js';
import { Card, Empty, Fact } from '../components/page.js';
import { PayloadBlock } from '../components/payload.js';
import { Term } from '../components/term.js';
import { bytes, dateTime, timeOfDay } from '../logic/format.js';
import { searchOf } from '../logic/routes.js';
import { useResource } from '../resource.js';
import { ChangeList, ownerText } from './change.js';
import { znodePath } from './children.js';

export function ZnodePanel({ path, at }: { path: string; at: number | null }) {
  const node = useResource<ZnodeView>(znodePath(path, at), { on: at === null ? ['znode'] : [], everyMs: 30_000 });
  return (
    <Card title={<span class="mono">{path}</span>} label={`Znode ${path}`} className={at === null ? '' : 'past'}>
      {node.error?.status === 404 ? (
        <Empty>{at === null ? 'There is no such znode (any more).' : 'This znode did not exist at that point.'}</Empty>
      ) : node.data ? (
        <Node view={node.data} />
      ) : (
        <p class={node.error ? 'note bad' : 'loading'}>{node.error?.message ?? 'Loading …'}</p>
      )}
      <NodeHistory path={path} />
    </Card>
  );
}

function Node({ view }: { view: ZnodeView }) {
  const { meaning, stat, owner } = view;
  return (
    <>
      {meaning ? (
        <div class="note">
          <p>{meaning.why}</p>
          <p class="small">
            Written by: {meaning.writtenBy} <DocumentLink document={meaning.document}>Read more</DocumentLink>
          </p>
        </div>
      ) : null}
      {stat?.ephemeralOwner ? (
        <p class="small">
          <Term name="ephemeral">Ephemeral</Term>: held {ownerText(owner)}, <Term name="session" />{' '}
          <code>{stat.ephemeralOwner}</code>
        </p>
      ) : null}
      <PayloadBlock payload={view.data} none="No payload: the name alone says it." />
      {stat ? <Stat stat={stat} /> : <p class="small soft">The full stat of that time is not known.</p>}
    </>
  );
}

function Stat({ stat }: { stat: ZnodeStat }) {
  return (
    <dl class="facts small">
      <Fact name="Created">
        {dateTime(stat.ctimeMs)}, <Term name="zxid" /> {stat.czxid}
      </Fact>
      <Fact name="Last changed">
        {dateTime(stat.mtimeMs)} ({timeOfDay(stat.mtimeMs).slice(9)} ms), zxid {stat.mzxid}
      </Fact>
      <Fact name="Version">
        {stat.version} (payload), {stat.cversion} (children), {stat.aversion} (ACL)
      </Fact>
      <Fact name="Children">
        {stat.numChildren}, last change zxid {stat.pzxid}
      </Fact>
      <Fact name="Payload">{bytes(stat.dataLength)}</Fact>
    </dl>
  );
}

function NodeHistory({ path }: { path: string }) {
  const search = searchOf({ path, newestFirst: true, limit: 30 });
  const history = useResource<ZnodeHistory>(`/api/znodes/history?${search}`, { on: ['znode'], everyMs: 60_000 });
  const { data } = history;
  return (
    <section class="form" aria-label={`History of ${path}`}>
      <h3>History</h3>
      {data && data.changes.length > 0 ? (
        <ChangeList changes={data.changes} gaps={data.gaps} withPath={false} />
      ) : (
        <p class="soft small">
          {data ? 'No change of this znode since the flight recorder began.' : (history.error?.message ?? 'Loading …')}
        </p>
      )}
    </section>
  );
}
