/**
 * Entry of kafka-server-stop, zookeeper-server-stop and coordinator-stop: signals every server of the kind on this machine, as Kafka's
 * scripts do, with $SIGNAL (TERM when unset), and does not wait. Exit code 1 when there is none.
 */
import { listProcesses, serversAmong, type ServerKind } from './process-list';

const nameOf: Record<ServerKind, string> = { broker: 'kafka', zookeeper: 'zookeeper', coordinator: 'coordinator' };

function isServerKind(kind: string | undefined): kind is ServerKind {
  return kind !== undefined && Object.hasOwn(nameOf, kind);
}

async function main(kind: string | undefined): Promise<void> {
  if (!isServerKind(kind)) throw new Error(`which servers to stop: ${Object.keys(nameOf).join(', ')}?`);
  const servers = serversAmong(await listProcesses(), kind);
  if (servers.length === 0) {
    console.log(`No ${nameOf[kind]} server to stop`);
    process.exitCode = 1;
  }
  const signal = `SIG${process.env['SIGNAL'] ?? 'TERM'}` as NodeJS.Signals;
  for (const { pid } of servers) process.kill(pid, signal);
}

main(process.argv[2]).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
