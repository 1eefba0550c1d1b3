import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { freePorts } from '../../../supervisor/ports';
import { highestOffset, portsAt, whyPortsAreBusy } from '../../../supervisor/start-ports';

describe('the ports of npm start', () => {
  it('are the usual ones, or all of them higher', () => {
    expect(portsAt(0)).toEqual({
      zookeeper: 2181,
      brokers: [9092, 9093, 9094],
      http: [9192, 9193, 9194],
      coordinator: 8080,
    });
    const { zookeeper, brokers, http, coordinator } = portsAt(highestOffset);
    expect(Math.max(zookeeper, coordinator, ...brokers, ...http)).toBe(65_535);
  });

  it('are named with their use when they are taken, in one line with what to do', async () => {
    const [zookeeper, broker, http] = (await freePorts(3)) as [number, number, number];
    const server = createServer().listen(0);
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const ports = { zookeeper, brokers: [broker], http: [http], coordinator: port };
      expect(await whyPortsAreBusy(ports)).toBe(
        `Port ${port} (for the dashboard) is taken by another program; ` +
          'stop that (see: ss -ltnp), or use others: npm start -- --port-offset 1000',
      );
      expect(await whyPortsAreBusy({ ...ports, http: [port] })).toContain(
        `Ports ${port} (for the metrics of broker 0), ${port} (for the dashboard) are taken`,
      );
    } finally {
      server.close();
    }
  });

  it('are no reason to complain when they are free', async () => {
    const [zookeeper, broker, http, coordinator] = (await freePorts(4)) as [number, number, number, number];
    expect(await whyPortsAreBusy({ zookeeper, brokers: [broker], http: [http], coordinator })).toBeNull();
  });
});
