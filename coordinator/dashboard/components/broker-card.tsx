/** One broker in short: its verdict, whether it is the controller, what it answers, what it carries. */
import type { BrokerView } from '@schemas';
import { bytes, count, duration } from '../logic/format.js';
import { linkTo } from '../logic/routes.js';
import { Icon } from './icon.js';
import { Fact } from './page.js';
import { Term } from './term.js';
import { Reasons, VerdictBadge } from './verdict.js';

export function BrokerCard({ broker }: { broker: BrokerView }) {
  const [endpoint] = broker.endpoints;
  return (
    <article class="card" aria-label={`Broker ${broker.brokerId}`}>
      <header>
        <h3 class="row">
          <a href={linkTo(['brokers', broker.brokerId])}>Broker {broker.brokerId}</a>
          {broker.isController ? <Crown epoch={null} /> : null}
        </h3>
        <VerdictBadge verdict={broker.verdict.verdict} prefix={`Broker ${broker.brokerId} is`} />
      </header>
      <dl class="facts small">
        <Fact name="Address">{endpoint ? <code>{`${endpoint.host}:${endpoint.port}`}</code> : 'not registered'}</Fact>
        <Fact name="Answers">{probeText(broker)}</Fact>
        <Fact name={<Term name="leader">Leads</Term>}>{count(broker.leaders)} partitions</Fact>
        <Fact name={<Term name="ISR">In sync</Term>}>
          {count(broker.inSync)} of {count(broker.replicas)} replicas
        </Fact>
        <Fact name="On disk">{bytes(broker.logBytes)}</Fact>
      </dl>
      <Reasons reasons={broker.verdict.reasons} most={3} />
    </article>
  );
}

export function Crown({ epoch }: { epoch: number | null }) {
  return (
    <span class="badge accent">
      <Icon name="crown" />
      <Term name="controller" />
      {epoch === null ? '' : ` · epoch ${epoch}`}
    </span>
  );
}

export function probeText({ probe }: BrokerView): string {
  switch (probe.state) {
    case 'answers':
      return `in ${duration(probe.latencyMs).replace('<', 'less than')}`;
    case 'slow':
      return `slowly: ${duration(probe.latencyMs)}`;
    case 'silent':
      return 'accepts connections, but says nothing';
    case 'refused':
      return 'no: the connection is refused';
    case 'unreachable':
      return 'no: it cannot be reached';
    default:
      return 'not asked yet';
  }
}
