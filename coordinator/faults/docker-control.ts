/**
 * Faults through the Docker Engine: on the containers that docker.containers names, and on no other. A link can be cut where
 * two of them are joined by a network of their own, labelled gregor.link=broker-<id>:zookeeper or broker-<id>:broker-<id>:
 * the first broker is then taken off it, and comes back under the names that others know it by on that network: its service, and
 * its own label gregor.link.alias. Holds no state: what is paused or cut stands in the Engine.
 */
import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { ConfigException } from '../../settings';
import type { FaultControl } from '../parts';
import type { FaultAction, FaultTarget } from '../schemas';
import { describeTarget, parseTarget, type ProcessName, type Target, type TargetState } from './targets';

export interface DockerControlOptions {
  socketPath: string;
  /** `zookeeper=name` and `<broker id>=name`. */
  containers: readonly string[];
}

/** A network that is one link. */
interface LinkNetwork {
  target: Target & { kind: 'link' };
  networkName: string;
  /** The container that is taken off the network. */
  broker: ContainerInspectInfo;
  cut: boolean;
}

const LINK_LABEL = 'gregor.link';
const ALIAS_LABELS = ['com.docker.compose.service', 'gregor.link.alias'];
const QUESTION_TIMEOUT_MS = 5_000;
const ACTION_TIMEOUT_MS = 75_000;
/** How long an orderly stop may take, in seconds; then the Engine kills. */
const STOP_SECONDS = 60;

export class DockerControl implements FaultControl {
  readonly kind = 'docker';
  /** Container names by what runs in them. */
  private readonly names: ReadonlyMap<ProcessName, string>;
  private linksKnown = 0;

  /** @throws ConfigException when docker.containers cannot be read */
  constructor(private readonly options: DockerControlOptions) {
    this.names = parseContainers(options.containers);
  }

  /** What can be done here, as of the last look. */
  get note(): string {
    const names = [...this.names.values()].join(', ');
    const links =
      this.linksKnown > 0
        ? 'Links are cut by taking a broker off the network that joins it to the other end.'
        : 'Links cannot be cut here: that takes a network for each link (docs/compose.md).';
    return `Faults hit the containers ${names}, and no others. ${links}`;
  }

  async targets(): Promise<FaultTarget[]> {
    const docker = await this.docker(QUESTION_TIMEOUT_MS);
    const inspected = await this.inspectAll(docker);
    const processes = [...this.names.keys()].map((process) =>
      describeTarget({ kind: 'process', process }, stateOf(inspected.get(process))),
    );
    const links = await this.links(docker, inspected);
    this.linksKnown = links.length;
    return [...processes, ...links.map(({ target, cut }) => describeTarget(target, cut ? 'cut' : 'whole'))];
  }

  async perform(targetId: string, action: FaultAction): Promise<void> {
    const target = parseTarget(targetId);
    const docker = await this.docker(ACTION_TIMEOUT_MS);
    if (target?.kind === 'link') return this.setLink(docker, targetId, action === 'cut');
    const name = target ? this.names.get(target.process) : undefined;
    if (name === undefined) throw new Error(`docker.containers names no container for ${targetId}`);
    await act(docker.getContainer(name), action);
  }

  private async setLink(docker: Docker, targetId: string, isCut: boolean): Promise<void> {
    const links = await this.links(docker, await this.inspectAll(docker));
    const link = links.find(({ target }) => describeTarget(target, 'whole').id === targetId);
    if (!link) throw new Error(`no network is labelled ${LINK_LABEL}=${targetId.replace('link:', '')}`);
    const network = docker.getNetwork(link.networkName);
    if (isCut) {
      await network.disconnect({ Container: link.broker.Id, Force: true });
      return;
    }
    const { Labels: labels } = link.broker.Config;
    const aliases = ALIAS_LABELS.flatMap((label) => labels[label] ?? []);
    await network.connect({ Container: link.broker.Id, EndpointConfig: { Aliases: aliases } });
  }

  /** Null for a container that does not exist. */
  private async inspectAll(docker: Docker): Promise<Map<ProcessName, ContainerInspectInfo | null>> {
    const entries = Array.from(this.names, async ([process, name]) => {
      try {
        return [process, await docker.getContainer(name).inspect()] as const;
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode === 404) return [process, null] as const;
        throw new Error(`Docker at ${this.options.socketPath}: ${(error as Error).message}`, { cause: error });
      }
    });
    return new Map(await Promise.all(entries));
  }

  private async links(
    docker: Docker,
    inspected: ReadonlyMap<ProcessName, ContainerInspectInfo | null>,
  ): Promise<LinkNetwork[]> {
    const networks = await docker.listNetworks({ filters: { label: [LINK_LABEL] } });
    return networks.flatMap(({ Name: networkName, Labels: labels }): LinkNetwork[] => {
      const target = parseTarget(`link:${labels?.[LINK_LABEL] ?? ''}`);
      if (target?.kind !== 'link') return [];
      const [broker, other] = [inspected.get(target.broker), inspected.get(target.other)];
      // The label alone may be that of another cluster on this Engine.
      if (!broker || !other || !isOn(other, networkName)) return [];
      return [{ target, networkName, broker, cut: !isOn(broker, networkName) }];
    });
  }

  /** The library is loaded only where it is used. */
  private async docker(timeoutMs: number): Promise<Docker> {
    const { default: Engine } = await import('dockerode');
    return new Engine({ socketPath: this.options.socketPath, timeout: timeoutMs });
  }
}

function parseContainers(entries: readonly string[]): Map<ProcessName, string> {
  const names = new Map<ProcessName, string>();
  for (const entry of entries) {
    const match = /^(zookeeper|\d{1,10})=([a-zA-Z0-9][\w.-]*)$/.exec(entry.trim());
    if (!match) {
      throw ConfigException.invalid('docker.containers', entry, 'an entry is zookeeper=name or <broker id>=name');
    }
    names.set(match[1] === 'zookeeper' ? 'zookeeper' : Number(match[1]), match[2] as string);
  }
  return names;
}

function isOn({ NetworkSettings: { Networks: networks } }: ContainerInspectInfo, networkName: string): boolean {
  return Object.hasOwn(networks, networkName);
}

function stateOf(container: ContainerInspectInfo | null | undefined): TargetState {
  if (!container) return 'unknown';
  const { Status: status, Health: health } = container.State;
  if (status === 'paused') return 'paused';
  if (status === 'restarting') return 'starting';
  if (status === 'running') return health?.Status === 'starting' ? 'starting' : 'running';
  return 'stopped';
}

async function act(container: Docker.Container, action: FaultAction): Promise<void> {
  if (action === 'kill') await container.kill();
  else if (action === 'stop') await container.stop({ t: STOP_SECONDS });
  else if (action === 'pause') await container.pause();
  else if (action === 'resume') await container.unpause();
  else if (action === 'restart') await container.restart({ t: STOP_SECONDS });
  else if (action === 'start') await container.start();
  else throw new Error(`a container cannot be ${action}`);
}
