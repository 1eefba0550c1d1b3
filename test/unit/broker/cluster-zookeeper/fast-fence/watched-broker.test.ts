import { createServer, type AddressInfo } from 'node:net';
import { WatchedBroker } from '../../../../../broker/cluster-zookeeper/fast-fence/watched-broker';
import { systemClock } from '../../../../../runtime/clock';
import { freePorts } from '../../../../../supervisor/ports';
import { eventually } from '../../../../support/eventually';

const registrationAt = (port: number) => ({ brokerId: 1, czxid: 7n, addresses: [{ host: '127.0.0.1', port }] });

describe('a watched broker', () => {
  it('is reported again when its port closes later than its connections did', async () => {
    const server = createServer((socket) => void socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    let reports = 0;
    const watched = new WatchedBroker(registrationAt((server.address() as AddressInfo).port), systemClock, async () => {
      reports += 1;
      if (reports === 1) await new Promise((resolve) => server.close(resolve));
    });
    const running = watched.run();
    await eventually('a second report', () => reports > 1);
    watched.stop();
    await running;
  });

  it('is not reported while it has never answered', async () => {
    const [port] = (await freePorts(1)) as [number];
    let reports = 0;
    const watched = new WatchedBroker(registrationAt(port), systemClock, async () => void reports++);
    const running = watched.run();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await eventually('a connection', () => new Promise((resolve) => server.once('connection', () => resolve(true))));
    expect(reports).toBe(0);
    watched.stop();
    await running;
    await new Promise((resolve) => server.close(resolve));
  });
});
