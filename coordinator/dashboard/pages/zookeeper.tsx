/** ZooKeeper: the tree of znodes, each with meaning, payload and history; now, or scrolled back to any change. */
import type { ZnodeHistory } from '@schemas';
import { useEffect, useState } from 'preact/hooks';
import { cluster } from '../cluster.js';
import { Card, Heading } from '../components/page.js';
import { Term } from '../components/term.js';
import { VerdictBadge } from '../components/verdict.js';
import { ZooKeeperCard } from '../components/zookeeper-card.js';
import { searchOf } from '../logic/routes.js';
import { ancestors } from '../logic/znodes.js';
import { useResource } from '../resource.js';
import { setQuery } from '../router.js';
import type { PageProps } from '../page-props.js';
import { useStore } from '../store.js';
import { ChangeList } from '../znodes/change.js';
import { useTree } from '../znodes/children.js';
import { ZnodePanel } from '../znodes/node.js';
import { Scrubber } from '../znodes/scrubber.js';
import { ZnodeTree } from '../znodes/tree.js';

const OPEN_AT_FIRST = ['/', '/brokers', '/brokers/ids'];

export function ZooKeeperPage({ query }: PageProps) {
  const path = query['path'] ?? '/controller';
  const at = /^\d+$/.test(query['at'] ?? '') ? Number(query['at']) : null;
  const [open, setOpen] = useState<ReadonlySet<string>>(
    () => new Set([...OPEN_AT_FIRST, ...ancestors(path).slice(0, -1)]),
  );
  useEffect(() => setOpen((last) => new Set([...last, ...ancestors(path).slice(0, -1)])), [path]);
  const data = useTree(open, at);
  const toggle = (which: string) =>
    setOpen((last) => {
      const next = new Set(last);
      if (!next.delete(which)) next.add(which);
      return next;
    });
  const { view } = useStore(cluster);
  return (
    <>
      <Heading
        title="ZooKeeper"
        beside={view ? <VerdictBadge verdict={view.zookeeper.verdict.verdict} prefix="ZooKeeper is" /> : null}
        lead={
          <>
            What all brokers must agree on stands here, as a tree of small <Term name="znode">znodes</Term>: who is
            alive, who is the <Term name="controller" />, which topics there are and who leads each{' '}
            <Term name="partition" />.
          </>
        }
      />
      <Scrubber at={at} setAt={(next) => setQuery({ at: next })} />
      <div class="split">
        <Card title="Tree" label="Tree of znodes">
          <ZnodeTree
            data={data}
            open={open}
            selected={path}
            select={(next) => setQuery({ path: next })}
            toggle={toggle}
          />
        </Card>
        <ZnodePanel path={path} at={at} />
      </div>
      <LatestChanges at={at} />
      {view ? <ZooKeeperCard zookeeper={view.zookeeper} /> : null}
    </>
  );
}

function LatestChanges({ at }: { at: number | null }) {
  const search = searchOf({ limit: 10, newestFirst: true, before: at === null ? null : at + 1 });
  const history = useResource<ZnodeHistory>(`/api/znodes/history?${search}`, { on: at === null ? ['znode'] : [] });
  return (
    <Card
      title={at === null ? 'Latest changes in the whole tree' : 'Changes of the whole tree up to that point'}
      label="Latest changes"
    >
      {history.data && history.data.changes.length > 0 ? (
        <ChangeList changes={history.data.changes} gaps={history.data.gaps} withPath />
      ) : (
        <p class="soft">None yet.</p>
      )}
    </Card>
  );
}
