/** A broker of Gregor as a process of its own, from the build in dist/, as its launcher starts it. */
import { basename, join } from 'node:path';
import { brokerNodeFlags } from '../../supervisor/broker-node-flags';
import { startBrokerProcess, type BrokerOptions, type BrokerProcess } from './broker-process';

/** Above test/support/, be it as source or below dist/. */
const above = join(__dirname, '..', '..');
const dist = basename(above) === 'dist' ? above : join(above, 'dist');

/** Starts a broker and resolves when it serves; the same options and surface as startApacheKafka. */
export function startGregor(options: BrokerOptions): Promise<BrokerProcess> {
  return startBrokerProcess(options, async () => ({
    name: 'Gregor broker',
    command: process.execPath,
    args: [...brokerNodeFlags, join(dist, 'broker', 'main.js')],
  }));
}
