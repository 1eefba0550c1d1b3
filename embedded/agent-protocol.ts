/** What a cluster and the agent that runs one of its brokers say to each other, across a thread or a process. */

export type AgentCommand =
  | { kind: 'start'; properties: Record<string, string>; logFile: string }
  | { kind: 'stop' }
  /** Of the traffic with whoever listens on `port`: does it leave, does it arrive? */
  | { kind: 'link'; port: number; send: boolean; receive: boolean }
  /** The next `times` requests of an API get this error (or, for `close`, their connection closed). */
  | { kind: 'fail'; apiKey: number; error: string; times: number }
  /** Threads only: stands still as long as the number in `gate` says so. */
  | { kind: 'freeze'; gate: SharedArrayBuffer };

/** What the number in a gate says: the cluster asks, the agent stands still, the cluster lets it go on. */
export const Gate = { ASKED: 0, FROZEN: 1, OPEN: 2 } as const;

/** Commands are answered in their order; freeze is not answered. */
export type NumberedCommand = AgentCommand & { id: number };

export interface AgentAnswer {
  id: number;
  /** Null when the command was carried out. */
  failure: string | null;
}
