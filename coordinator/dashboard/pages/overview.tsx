/** The first page: is all well, who is there, and records on their way. */
import type { ClusterView } from '@schemas';
import { useEffect, useState } from 'preact/hooks';
import { after } from '../clock.js';
import { cluster, reloadCluster } from '../cluster.js';
import { BrokerCard } from '../components/broker-card.js';
import { Card, Empty, Figure, Heading, Loaded } from '../components/page.js';
import { Term } from '../components/term.js';
import { Reasons, VerdictBadge } from '../components/verdict.js';
import { ZooKeeperCard } from '../components/zookeeper-card.js';
import { count, plural } from '../logic/format.js';
import type { LivePicture as LivePictureType } from '../picture/live-picture.js';
import { useStore } from '../store.js';

export function OverviewPage() {
  const { view, atMs, error } = useStore(cluster);
  return (
    <>
      <Heading
        title="Overview"
        lead="Is the cluster well, who is part of it, and what are the records doing right now?"
      />
      <Loaded resource={{ data: view, atMs, error: view ? null : error, reload: reloadCluster }}>
        {(data) => <Overview view={error ? outOfDate(data) : data} />}
      </Loaded>
    </>
  );
}

/** The last that was told, without its verdict: that may no longer hold. */
function outOfDate(view: ClusterView): ClusterView {
  return { ...view, verdict: { ...view.verdict, verdict: 'unknown' } };
}

function Overview({ view }: { view: ClusterView }) {
  return (
    <>
      <State view={view} />
      <LivePicture view={view} />
      <section class="page-head" aria-label="Brokers">
        <h2>Brokers</h2>
        {view.brokers.length === 0 ? <Empty>No broker has registered in ZooKeeper yet.</Empty> : null}
        <div class="cards">
          {view.brokers.map((broker) => (
            <BrokerCard broker={broker} key={broker.brokerId} />
          ))}
        </div>
      </section>
      <ZooKeeperCard zookeeper={view.zookeeper} />
    </>
  );
}

const sentences = {
  healthy: 'Everything that is looked at is as it should be.',
  degraded: 'The cluster works, but not everything is as it should be.',
  unhealthy: 'Something does not work.',
  unknown: 'Not enough is known to tell.',
};

function State({ view }: { view: ClusterView }) {
  const { counts, verdict } = view;
  return (
    <Card title="Health" beside={<VerdictBadge verdict={verdict.verdict} />} label="Health of the cluster">
      <p>{sentences[verdict.verdict]}</p>
      <Reasons reasons={verdict.reasons} subject />
      <dl class="figures">
        <Figure name="brokers" value={count(counts.brokers)} />
        <Figure name={<Term name="topic">topics</Term>} value={count(counts.topics)} />
        <Figure name={<Term name="partition">partitions</Term>} value={count(counts.partitions)} />
        <Figure name={<Term name="offline" />} value={count(counts.offline)} tone={counts.offline > 0 ? 'bad' : ''} />
        <Figure
          name={<Term name="under-replicated" />}
          value={count(counts.underReplicated)}
          tone={counts.underReplicated > 0 ? 'warn' : ''}
        />
        <Figure
          name={<Term name="min ISR">below min ISR</Term>}
          value={count(counts.underMinIsr)}
          tone={counts.underMinIsr > 0 ? 'bad' : ''}
        />
        <Figure name={<Term name="group">groups</Term>} value={count(counts.groups)} />
        <Figure name={<Term name="lag">records of lag</Term>} value={count(counts.totalLag)} />
      </dl>
      <p class="small soft">{controllerText(view)}</p>
    </Card>
  );
}

function controllerText({ controller, counts }: ClusterView): string {
  const internal =
    counts.internalTopics > 0 ? ` The topics include ${plural(counts.internalTopics, 'internal one')}.` : '';
  if (controller.brokerId === null) return `No broker is the controller at the moment.${internal}`;
  const epoch =
    controller.controllerEpoch === null
      ? ''
      : ` There have been ${plural(controller.controllerEpoch, 'election')} of one.`;
  return `Broker ${controller.brokerId} is the controller.${epoch}${internal}`.replace('have been 1 ', 'has been 1 ');
}

type Picture = typeof LivePictureType;

/** The picture's modules come after the first paint. */
function LivePicture({ view }: { view: ClusterView }) {
  const [loaded, setLoaded] = useState<{ component: Picture } | null>(null);
  useEffect(
    () =>
      after(0, () => void import('../picture/live-picture.js').then((m) => setLoaded({ component: m.LivePicture }))),
    [],
  );
  if (!loaded) return null;
  const Component = loaded.component;
  return <Component view={view} />;
}
