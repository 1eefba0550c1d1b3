/**
 * Runs one broker inside a thread or a process of an embedded cluster, and carries out the cluster's commands.
 * It patches outgoing connections before the broker opens any, and ends when the cluster's process is gone.
 */
import { parentPort } from 'node:worker_threads';
import { Errors, type ErrorName, type WireError } from '../protocol';
import { createServer } from '../broker/create-server';
import type { KafkaServer } from '../broker/server';
import { createLogger } from '../runtime/logger';
import { type AgentAnswer, type AgentCommand, Gate, type NumberedCommand } from './agent-protocol';
import { LinkControl } from '../runtime/link-control';

type Fault = WireError | 'close';

const links = new LinkControl();
links.install();

/** Faults that wait for their requests, by API key. */
const faults = new Map<number, Fault[]>();
let server: KafkaServer | null = null;

async function start(properties: Record<string, string>, logFile: string): Promise<void> {
  server = createServer(new Map(Object.entries(properties)), createLogger({ file: logFile }));
  await server.startup();
  server.injectFault((apiKey) => faults.get(apiKey)?.shift() ?? null);
}

async function carryOut(command: AgentCommand): Promise<void> {
  switch (command.kind) {
    case 'start':
      return start(command.properties, command.logFile);
    case 'stop':
      await server?.shutdown();
      server = null;
      return;
    case 'link':
      links.setLink(command.port, command);
      return;
    case 'fail': {
      const fault: Fault = command.error === 'close' ? 'close' : Errors[command.error as ErrorName];
      const waiting = faults.get(command.apiKey) ?? [];
      faults.set(command.apiKey, [...waiting, ...Array.from({ length: command.times }, () => fault)]);
      return;
    }
    case 'freeze':
      standStill(new Int32Array(command.gate));
  }
}

function standStill(gate: Int32Array): void {
  // It may have been opened before this command came up.
  if (Atomics.compareExchange(gate, 0, Gate.ASKED, Gate.FROZEN) !== Gate.ASKED) return;
  Atomics.notify(gate, 0);
  Atomics.wait(gate, 0, Gate.FROZEN);
}

function answer(value: AgentAnswer): void {
  if (parentPort) parentPort.postMessage(value);
  else process.send?.(value);
}

function receive({ id, ...command }: NumberedCommand): void {
  carryOut(command).then(
    () => answer({ id, failure: null }),
    (error: Error) => answer({ id, failure: error.message }),
  );
}

if (parentPort) {
  parentPort.on('message', receive);
} else {
  process.on('message', receive);
  // Its cluster is gone, perhaps by kill -9: nobody would ever stop this broker.
  process.on('disconnect', () => process.exit(1));
}
