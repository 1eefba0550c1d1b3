/** What a handler knows about a request besides its body. */
export interface RequestContext {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  /** Null where the client gave none. */
  readonly clientId: string | null;
  /** Name of the listener that the connection came in on: answers name brokers by the same listener. */
  readonly listenerName: string;
  /** The client's address as Kafka prints it: `/127.0.0.1`. */
  readonly clientHost: string;
  /** `host:port-host:port-n`, unique among a broker's connections. */
  readonly connectionId: string;
  /** `User:ANONYMOUS` on a PLAINTEXT listener. */
  readonly principal: string;
  /** Monotonic milliseconds at which the request was complete. */
  readonly receivedAtMs: number;
  /** Aborted when the connection is closed, so that what waits for this request can be let go. */
  readonly closed: AbortSignal;
}
