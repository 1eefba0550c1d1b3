/** What `npm start` gives its user: a cluster with the tour's records in it, and the dashboard's address with the token. */
import { freeOffset, hasPrinted, npmStart, type Started } from '../../support/npm-start';

export interface RunningCluster {
  /** `http://127.0.0.1:port` */
  address: string;
  /** The same with the token, as it was printed. */
  addressWithToken: string;
  token: string;
  brokers: string[];
  output: () => string;
  stop(): Promise<void>;
}

/** Starts it on free ports; resolves when the tour is over and everything stays up. */
export async function startCluster(): Promise<RunningCluster> {
  const offset = await freeOffset();
  const started = npmStart(['--port-offset', String(offset)]);
  try {
    await hasPrinted(started, 'Ctrl-C stops everything.');
    const addressWithToken = await hasPrinted(started, /http:\/\/[\w.]+:\d+\/#token=[\w-]+/);
    const { origin, hash } = new URL(addressWithToken);
    return {
      address: origin,
      addressWithToken,
      token: hash.slice('#token='.length),
      brokers: [9092, 9093, 9094].map((port) => `localhost:${port + offset}`),
      output: started.output,
      stop: () => stop(started),
    };
  } catch (error) {
    await stop(started);
    throw error;
  }
}

async function stop({ process: child, exitCode }: Started): Promise<void> {
  if (child.exitCode === null) child.kill('SIGTERM');
  await exitCode;
}
