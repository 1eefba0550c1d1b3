/** One broker: how it is, what it answers, how it sees the cluster, and its settings. */
import type { BrokerView } from '@schemas';
import { cluster, reloadCluster } from '../cluster.js';
import { Crown, probeText } from '../components/broker-card.js';
import { ConfigCard } from '../components/config-card.js';
import { Card, Fact, Figure, Fresh, Heading, Loaded } from '../components/page.js';
import { Term } from '../components/term.js';
import { Reasons, VerdictBadge } from '../components/verdict.js';
import { bytes, count, dateTime } from '../logic/format.js';
import { useStore } from '../store.js';
import type { PageProps } from '../page-props.js';

export function BrokerPage({ rest }: PageProps) {
  const id = Number(rest[0]);
  const { view, atMs, error } = useStore(cluster);
  const broker = view?.brokers.find(({ brokerId }) => brokerId === id);
  return (
    <>
      <Heading
        title={`Broker ${rest[0]}`}
        crumbs={[{ text: 'Overview', href: '#/' }]}
        beside={
          broker ? (
            <>
              <VerdictBadge verdict={broker.verdict.verdict} prefix={`Broker ${id} is`} />
              {broker.isController ? <Crown epoch={view?.controller.controllerEpoch ?? null} /> : null}
            </>
          ) : null
        }
      />
      <Loaded resource={{ data: view, atMs, error, reload: reloadCluster }}>
        {(data) =>
          broker ? (
            <>
              <Card
                title="In short"
                beside={<Fresh freshness={data.freshness} atMs={atMs} />}
                label="Summary of the broker"
              >
                <dl class="figures">
                  <Figure
                    name={
                      <>
                        partitions that it <Term name="leader">leads</Term>
                      </>
                    }
                    value={count(broker.leaders)}
                  />
                  <Figure name={<Term name="replica">replicas</Term>} value={count(broker.replicas)} />
                  <Figure
                    name={
                      <>
                        of them in the <Term name="ISR" />
                      </>
                    }
                    value={count(broker.inSync)}
                    tone={broker.inSync < broker.replicas ? 'warn' : ''}
                  />
                  <Figure name="on disk" value={bytes(broker.logBytes)} />
                </dl>
                <Reasons reasons={broker.verdict.reasons} />
              </Card>
              <div class="two">
                <Registration broker={broker} />
                <Answers broker={broker} />
              </div>
              <ConfigCard path={`/api/brokers/${id}/configs`} ownSource="broker" />
            </>
          ) : (
            <p class="note">No broker with this id has been seen.</p>
          )
        }
      </Loaded>
    </>
  );
}

function Registration({ broker }: { broker: BrokerView }) {
  return (
    <Card title="In ZooKeeper" label="Registration in ZooKeeper">
      <dl class="facts small">
        <Fact name="Registered">
          {broker.registered ? 'yes' : 'no'}
          {broker.registeredAtMs === null ? '' : `, since ${dateTime(broker.registeredAtMs)}`}{' '}
          <a href={`#/zookeeper?path=/brokers/ids/${broker.brokerId}`}>look at the znode</a>
        </Fact>
        <Fact name={<Term name="broker epoch">Broker epoch</Term>}>{broker.brokerEpoch ?? '–'}</Fact>
        <Fact name={<Term name="session">Session</Term>}>
          {broker.sessionId ? <code>{broker.sessionId}</code> : '–'}
        </Fact>
        <Fact name="Rack">{broker.rack ?? 'not set'}</Fact>
        {broker.endpoints.map(({ listener, securityProtocol, host, port }) => (
          <Fact name={`Listener ${listener}`} key={listener}>
            <code>{`${host}:${port}`}</code> {securityProtocol === listener ? '' : `(${securityProtocol})`}
          </Fact>
        ))}
      </dl>
    </Card>
  );
}

function Answers({ broker }: { broker: BrokerView }) {
  const { probe } = broker;
  return (
    <Card title="Asked over the wire" label="What the broker answers">
      <dl class="facts small">
        <Fact name="Answers">{probeText(broker)}</Fact>
        {probe.error ? <Fact name="Error">{probe.error}</Fact> : null}
        <Fact name="Asked at">{probe.address ? <code>{probe.address}</code> : '–'}</Fact>
        <Fact
          name={
            <>
              Sees as <Term name="controller" />
            </>
          }
        >
          {probe.seesControllerId === null ? '–' : `broker ${probe.seesControllerId}`}
        </Fact>
        <Fact name="Sees brokers">{probe.seesBrokers?.join(', ') ?? '–'}</Fact>
        <Fact name="Its view is">
          {probe.staleView ? <span class="badge warn">not what stands in ZooKeeper</span> : 'the same as ZooKeeper’s'}
        </Fact>
        <Fact name="API keys served">{count(probe.apis)}</Fact>
        <Fact name="Startup events and traces">
          {broker.httpListener ? <code>{broker.httpListener}</code> : 'does not offer them'}
        </Fact>
      </dl>
    </Card>
  );
}
