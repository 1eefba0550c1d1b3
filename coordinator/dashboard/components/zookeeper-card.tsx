/** ZooKeeper in short: each server with what it tells of itself, and the coordinator's own session. */
import type { ZooKeeperServerView, ZooKeeperView } from '@schemas';
import { count, duration } from '../logic/format.js';
import { Fact } from './page.js';
import { Term } from './term.js';
import { Reasons, VerdictBadge } from './verdict.js';

export function ZooKeeperCard({ zookeeper }: { zookeeper: ZooKeeperView }) {
  return (
    <section class="card" aria-label="ZooKeeper">
      <header>
        <h2>
          <Term name="ZooKeeper" />
        </h2>
        <VerdictBadge verdict={zookeeper.verdict.verdict} prefix="ZooKeeper is" />
      </header>
      <Reasons reasons={zookeeper.verdict.reasons} />
      <div class="two">
        {zookeeper.servers.map((server) => (
          <Server server={server} key={server.address} />
        ))}
        <dl class="facts small">
          <Fact
            name={
              <>
                The coordinator’s <Term name="session" />
              </>
            }
          >
            {sessionText(zookeeper)}
          </Fact>
          <Fact
            name={
              <>
                <Term name="znode">Znodes</Term> known here
              </>
            }
          >
            {count(zookeeper.knownZnodes)} – <a href="#/zookeeper">look at them</a>
          </Fact>
          <Fact name="Connect string">
            <code>{zookeeper.connectString}</code>
          </Fact>
        </dl>
      </div>
    </section>
  );
}

function sessionText({ session }: ZooKeeperView): string {
  const id = session.sessionId === null ? '' : ` ${session.sessionId}`;
  return `${session.state}${id}, expires after ${duration(session.timeoutMs)} of silence`;
}

function Server({ server }: { server: ZooKeeperServerView }) {
  return (
    <dl class="facts small">
      <Fact name="Server">
        <code>{server.address}</code> {server.mode ? <span class="badge">{server.mode}</span> : null}
      </Fact>
      <Fact name="Answers">{answerText(server)}</Fact>
      {server.latencyMs ? (
        <Fact name="Latency">
          {Math.round(server.latencyMs.avg * 10) / 10} ms on average, {duration(server.latencyMs.max)} at most
        </Fact>
      ) : null}
      {server.outstandingRequests !== null ? (
        <Fact name="Waiting requests">{count(server.outstandingRequests)}</Fact>
      ) : null}
      {server.sessions !== null || server.connections !== null ? (
        <Fact name="Connections">{count(server.sessions ?? server.connections)}</Fact>
      ) : null}
      {server.znodes !== null ? (
        <Fact name="Znodes">
          {count(server.znodes)}
          {server.ephemerals === null ? '' : `, of which ${count(server.ephemerals)} ephemeral`}
          {server.watches === null ? '' : `; ${count(server.watches)} watches`}
        </Fact>
      ) : null}
    </dl>
  );
}

function answerText(server: ZooKeeperServerView): string {
  if (server.state === 'answers')
    return server.ruok === false
      ? 'but says that it is not well'
      : `in ${duration(server.answerMs).replace('<', 'less than')}`;
  if (server.state === 'not-allowed') return 'does not allow to be asked about itself';
  if (server.state === 'unreachable') return `no${server.error ? `: ${server.error}` : ''}`;
  return 'not known yet';
}
