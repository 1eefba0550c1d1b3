/**
 * Listeners that change while a broker runs (kafka.server.DynamicListenerConfig): new names are opened, names that are
 * gone are closed with their connections, and what the broker tells others is registered anew. A listener that keeps its
 * name keeps its socket, whatever its address says now: that is taken over by the next start. Owns the order of changes.
 */
import { hostname } from 'node:os';
import { EventQueue } from '../runtime/event-queue';
import type { Logger } from '../runtime/logger';
import type { BrokerConfig } from '../settings';
import type { Endpoint } from './metadata/metadata-cache';
import type { ListenerAddress, SocketServer } from './net/socket-server';

const SECURITY_PROTOCOL_IDS = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const;

const KEYS = ['listeners', 'advertised.listeners', 'listener.security.protocol.map'];

/** Where the configuration says that the broker listens. */
export function listenerAddresses(config: BrokerConfig): ListenerAddress[] {
  return config.listeners.map(({ name, host, port }) => ({ name, host: host ?? '', port }));
}

/** What the broker tells others, with the ports that are really bound where the configuration leaves them open. */
export function advertisedEndpoints(config: BrokerConfig, sockets: SocketServer): Endpoint[] {
  return config.advertisedListeners.map(({ name, host, port, securityProtocol }) => ({
    listener: name,
    host: host ?? hostname(),
    port: port === 0 ? sockets.portOf(name) : port,
    securityProtocol: SECURITY_PROTOCOL_IDS[securityProtocol],
  }));
}

export interface DynamicListenerParts {
  readonly config: BrokerConfig;
  readonly sockets: SocketServer;
  readonly logger: Logger;
  /** Changes the registration in ZooKeeper. */
  readonly register: (endpoints: readonly Endpoint[]) => Promise<void>;
}

export class DynamicListeners {
  private readonly changes = new EventQueue('listeners');
  private readonly stopListening: () => void;
  private registered: string;

  /** @param registered what the registration says by now */
  constructor(
    private readonly parts: DynamicListenerParts,
    registered: readonly Endpoint[],
  ) {
    this.registered = JSON.stringify(registered);
    this.stopListening = parts.config.onChange((changed) => {
      if (KEYS.some((key) => changed.has(key))) this.applySoon();
    });
    this.applySoon(); // what changed since the sockets were bound
  }

  /** Takes no further changes over; resolves when the running one has ended. */
  async stop(): Promise<void> {
    this.stopListening();
    await this.changes.close();
  }

  private applySoon(): void {
    this.changes.enqueue('change listeners', () => this.apply()).catch(() => undefined); // dropped by a stop
  }

  private async apply(): Promise<void> {
    const { config, sockets, logger, register } = this.parts;
    const wanted = listenerAddresses(config);
    const names = new Set(wanted.map(({ name }) => name));
    for (const name of sockets.listenerNames.filter((each) => !names.has(each))) await sockets.closeListener(name);
    const open = new Set(sockets.listenerNames);
    for (const address of wanted.filter(({ name }) => !open.has(name))) {
      await sockets
        .openListener(address)
        .catch((error: unknown) => logger.error(`Listener ${address.name} could not be opened`, error));
    }
    try {
      const endpoints = advertisedEndpoints(config, sockets);
      const text = JSON.stringify(endpoints);
      if (text === this.registered) return;
      await register(endpoints);
      this.registered = text;
    } catch (error) {
      logger.error('The new advertised listeners could not be registered', error);
    }
  }
}
