/** The lesson 'the startup sequence': what the running brokers did when they came up, and a restart where that is possible. */
import {
  brokerPath,
  CLUSTER_ID_PATH,
  CONTROLLER_EPOCH_PATH,
  CONTROLLER_PATH,
  decodeClusterId,
} from '../../zookeeper/znodes';
import { isEphemeral } from '../observe/session-owners';
import type { ZnodeTree } from '../parts';
import type { Lesson, Look, Place, Step, StepContext } from './lesson';
import { askBroker, brokerEpochOf, controllerEpochOf, controllerOf, registered } from './tools/brokers';
import { breakOnPurpose, startAgain } from './tools/restart';
import { startupOf, type StartupStory } from './tools/startup-story';
import { count } from './tools/topics';

const RESTART_WITHIN_MS = 60_000;
const STEP_TIMEOUT_MS = 120_000;
/** Events that each start has, in this order; others may lie between. */
const MILESTONES = ['starting', 'broker registered', 'listeners open', 'running'];

export const startupSequence: Lesson = {
  id: 'startup',
  title: 'The startup sequence',
  summary:
    'What a broker does when it starts, and in which order: its session, its registration, the controller, the open port.',
  document: 'startup-sequence.md#the-first-broker-of-a-new-cluster',
  unavailable: () => null,
  steps: (place) => [
    registrations(place),
    controller(place),
    stories(place),
    place.faults ? restart(place) : whatStays(place),
  ],
};

function registrations({ zookeeper }: Place): Step {
  return {
    title: 'Every broker has signed in',
    text:
      'A broker is a server of Kafka: it keeps records and gives them to whoever asks. Brokers find each other ' +
      'through ZooKeeper, a small store. What ZooKeeper keeps are znodes: little files with a ' +
      'path.' +
      '\n\nWhen a broker starts it opens a session with ZooKeeper, a connection that counts as alive while both ' +
      'hear of each other. Then it makes its own znode, /brokers/ids/ and its number. This znode is ' +
      'ephemeral: it vanishes when the session ends. So whoever stands there is taken for alive. ZooKeeper ' +
      'numbers everything that is written. The number with which the znode was made is the broker epoch. A later ' +
      'start gets a greater one.',
    command: `bin/zookeeper-shell.sh ${zookeeper} ls /brokers/ids`,
    async perform(context) {
      const { tree, place } = context;
      for (const brokerId of registered(tree)) {
        const stat = tree.get(brokerPath(brokerId))?.stat;
        if (!stat) continue;
        const at = new Date(stat.ctimeMs).toISOString();
        context.observe(
          `Broker ${brokerId}: registered at ${at}, broker epoch ${stat.czxid}, session 0x${stat.ephemeralOwner.toString('hex')}.`,
        );
      }
      await context.check('The brokers that were there at the beginning are registered, with ephemeral znodes', () => {
        const ephemeral = registered(tree).filter((brokerId) => isEphemeralAt(tree, brokerPath(brokerId)));
        const held = place.brokerIds.every((brokerId) => ephemeral.includes(brokerId));
        return {
          held,
          saw: `registered: brokers ${ephemeral.join(', ') || 'none'}; at the beginning: ${place.brokerIds.join(', ')}`,
        };
      });
      await context.check('Each of them answers, and knows the others', () => lookAtAnswers(context));
    },
  };
}

async function lookAtAnswers(context: StepContext): Promise<Look> {
  const ids = registered(context.tree);
  const answers = await Promise.all(
    ids.map(async (brokerId) => ({ brokerId, knows: (await askBroker(context, brokerId)).brokerIds })),
  );
  const saw = answers
    .map(({ brokerId, knows }) => `broker ${brokerId} knows ${knows.join(', ') || 'nobody'}`)
    .join('; ');
  return {
    held: ids.length > 0 && answers.every(({ knows }) => knows.join() === ids.join()),
    saw: saw || 'no brokers',
  };
}

function controller({ zookeeper }: Place): Step {
  return {
    title: 'One of them is the controller',
    text:
      'One broker has more to do than the others: the controller. It decides which broker is responsible for ' +
      'which records. After signing in, every broker looks at the znode /controller. If it is not there, each ' +
      'tries to make it. ZooKeeper lets only one succeed, and that one is the controller. In the same moment it ' +
      'raises the number in /controller_epoch.' +
      '\n\nThe other brokers hear who it is from the controller itself, with the next news that it sends. So we ' +
      'ask every broker whom it takes for the controller.',
    command: `bin/zookeeper-shell.sh ${zookeeper} get /controller\nbin/zookeeper-shell.sh ${zookeeper} get /controller_epoch`,
    async perform(context) {
      const { tree } = context;
      const id = controllerOf(tree);
      context.observe(
        id === null
          ? 'There is no controller.'
          : `/controller names broker ${id}, controller epoch ${controllerEpochOf(tree)}.`,
      );
      await context.check('The controller signed in before it became controller, in the same session', () =>
        lookAtOrder(tree),
      );
      await context.check('All brokers name the same controller, and the same cluster', () => lookAtUnity(context));
    },
  };
}

function lookAtOrder(tree: ZnodeTree): Look {
  const id = controllerOf(tree);
  const own = tree.get(CONTROLLER_PATH)?.stat;
  const registration = id === null ? undefined : tree.get(brokerPath(id))?.stat;
  if (!own || !registration)
    return { held: false, saw: id === null ? 'no controller' : `broker ${id} is not registered` };
  const sameSession = own.ephemeralOwner.equals(registration.ephemeralOwner);
  const saw = `transaction 0x${registration.czxid.toString(16)} made ${brokerPath(id as number)}, 0x${own.czxid.toString(16)} made ${CONTROLLER_PATH}`;
  return {
    held: registration.czxid < own.czxid && sameSession,
    saw: `${saw}; ${sameSession ? 'one session' : 'two sessions'}`,
  };
}

async function lookAtUnity(context: StepContext): Promise<Look> {
  const { tree } = context;
  const expected = controllerOf(tree);
  const node = tree.get(CLUSTER_ID_PATH);
  const clusterId = node ? decodeClusterId(node.data) : null;
  const answers = await Promise.all(
    registered(tree).map(async (brokerId) => ({ brokerId, ...(await askBroker(context, brokerId)) })),
  );
  const held = answers.every((answer) => answer.controllerId === expected && answer.clusterId === clusterId);
  const said = answers.map(({ brokerId, controllerId }) => `broker ${brokerId} names ${controllerId}`).join(', ');
  return { held: held && answers.length > 0, saw: `${said}; cluster ${clusterId ?? 'without id'}` };
}

function stories({ broker, httpListener }: Place): Step {
  return {
    title: 'The steps of each start',
    text:
      'A Gregor broker tells what it did when it started, if its HTTP listener is on (gregor.http.listener). ' +
      'First the settings, then the session, the id of the cluster, and the logs: the files with the records. ' +
      'Then it signs in. The port opens last: a broker that answered before it knew its logs would answer ' +
      'wrongly.' +
      '\n\nBrokers of Apache Kafka do not tell this. Of them we only see what stands in ZooKeeper.',
    command:
      httpListener === null
        ? `bin/kafka-broker-api-versions.sh --bootstrap-server ${broker}`
        : `curl -s http://${httpListener}/startup`,
    async perform(context) {
      for (const brokerId of registered(context.tree)) {
        const story = await context.unlessAborted(startupOf(context, brokerId));
        if (story === null) await tellWithoutStory(context, brokerId);
        else await tellStory(context, brokerId);
      }
    },
  };
}

async function tellStory(context: StepContext, brokerId: number): Promise<void> {
  await context.check(`Broker ${brokerId} did its steps in the right order`, async () =>
    lookAtStory(context.tree, brokerId, (await startupOf(context, brokerId)) ?? []),
  );
  for (const { name, sinceStartMs } of (await context.unlessAborted(startupOf(context, brokerId))) ?? []) {
    context.observe(`Broker ${brokerId}, after ${Math.round(sinceStartMs)} ms: ${name}`);
  }
}

async function tellWithoutStory(context: StepContext, brokerId: number): Promise<void> {
  context.observe(`Broker ${brokerId} tells no startup events: no HTTP listener of it is known here.`);
  const text = `Broker ${brokerId} first wrote its registration, and then ZooKeeper took it`;
  await context.check(text, () => lookAtTimes(context, brokerId));
}

/** The events in their order, and the transaction that they name is the one that ZooKeeper knows. */
function lookAtStory(tree: ZnodeTree, brokerId: number, story: StartupStory): Look {
  const places = MILESTONES.map((name) => story.findIndex((event) => event.name === name));
  const inOrder = places.every((place, index) => place >= 0 && place > (places[index - 1] ?? -1));
  const told = story.findLast(({ name }) => name === 'broker registered')?.details['czxid'];
  const epoch = brokerEpochOf(tree, brokerId);
  const names = story.filter(({ name }) => MILESTONES.includes(name)).map(({ name }) => name);
  const saw = `${names.join(' → ') || 'no events'}; it says broker epoch ${told ?? 'none'}, ZooKeeper says ${epoch ?? 'none'}`;
  return { held: inOrder && epoch !== null && String(told) === String(epoch), saw };
}

/** Without events: what the broker wrote into its registration cannot be younger than the registration. */
function lookAtTimes({ tree }: StepContext, brokerId: number): Look {
  const node = tree.get(brokerPath(brokerId));
  if (!node) return { held: false, saw: `broker ${brokerId} is not registered` };
  const { timestamp } = JSON.parse(String(node.data)) as { timestamp?: string };
  const writtenMs = Number(timestamp);
  const saw = `it wrote its registration at ${new Date(writtenMs).toISOString()}, ZooKeeper took it at ${new Date(node.stat.ctimeMs).toISOString()}`;
  // The clocks of two machines may differ by a little.
  return { held: writtenMs <= node.stat.ctimeMs + 60_000, saw };
}

function restart({ brokerIds }: Place): Step {
  const alone = brokerIds.length === 1;
  return {
    title: 'Restart a broker and watch',
    text:
      `We stop one broker in an orderly way, and start it again. ${alone ? 'It is the only one, so for some seconds nobody answers. ' : 'We take one that is not the controller; the others go on. '}` +
      'When it stops, its session ends and its znode vanishes. When it starts, you see all the steps again: a new session, a new znode, a greater broker epoch.',
    command: 'bin/kafka-server-stop.sh\nbin/kafka-server-start.sh config/server.properties',
    timeoutMs: STEP_TIMEOUT_MS,
    async perform(context) {
      const { tree } = context;
      const chosen = registered(tree).findLast((brokerId) => alone || brokerId !== controllerOf(tree));
      if (chosen === undefined) throw new Error('There is no broker that could be restarted.');
      const before = brokerEpochOf(tree, chosen) ?? 0n;
      const startedMs = context.clock.monotonicMs();
      context.makes(`restarted broker ${chosen}`, () => startAgain(context.faults, chosen));
      context.observe(`Restarting broker ${chosen}. Its broker epoch is ${before}.`);
      await context.unlessAborted(breakOnPurpose(context.faults, chosen, 'restart'));
      await context.check(
        `Broker ${chosen} has signed in again, with a greater broker epoch`,
        () => {
          const now = brokerEpochOf(tree, chosen);
          return {
            held: now !== null && now > before,
            saw: now === null ? 'it is not registered' : `broker epoch ${now}, before ${before}`,
          };
        },
        RESTART_WITHIN_MS,
      );
      context.observe(
        `It was registered again ${((context.clock.monotonicMs() - startedMs) / 1000).toFixed(1)} s after the order to stop.`,
      );
      await context.check('The flight recorder saw its znode go and come', () => {
        const seen = context.changes().filter(({ path }) => path === brokerPath(chosen));
        const kinds = seen.map(({ kind }) => kind);
        return {
          held: kinds.includes('deleted') && kinds.lastIndexOf('created') > kinds.indexOf('deleted'),
          saw: kinds.join(', ') || 'nothing',
        };
      });
      await context.check('It answers, and all know each other', () => lookAtAnswers(context), RESTART_WITHIN_MS);
      await context.unmakes(`restarted broker ${chosen}`);
      const story = await context.unlessAborted(startupOf(context, chosen).catch(() => null));
      for (const { name, sinceStartMs } of story ?? [])
        context.observe(`After ${Math.round(sinceStartMs)} ms: ${name}`);
    },
  };
}

function whatStays({ zookeeper }: Place): Step {
  return {
    title: 'What would change, and what would stay',
    text:
      'Here no broker can be restarted from this page: faults on purpose are switched off. So we look at what a restart would change. What belongs to a session is ephemeral and would go: the znodes with which brokers sign in, and /controller. What the ' +
      'cluster must remember is persistent and stays: the id of the cluster, the controller epoch, the topics (named streams of records).',
    command: `bin/zookeeper-shell.sh ${zookeeper} stat /controller\nbin/zookeeper-shell.sh ${zookeeper} stat /cluster/id`,
    async perform(context) {
      const { tree } = context;
      await context.check('Registrations and /controller belong to a session', () => {
        const paths = [...registered(tree).map(brokerPath), CONTROLLER_PATH];
        const ephemeral = paths.filter((path) => isEphemeralAt(tree, path));
        return { held: ephemeral.length === paths.length, saw: `ephemeral: ${ephemeral.join(', ') || 'none'}` };
      });
      await context.check('The id of the cluster, the epoch and the topics belong to none', () => {
        const paths = [CLUSTER_ID_PATH, CONTROLLER_EPOCH_PATH, '/brokers/topics'];
        const persistent = paths.filter((path) => tree.get(path) && !isEphemeralAt(tree, path));
        return { held: persistent.length === paths.length, saw: `persistent: ${persistent.join(', ') || 'none'}` };
      });
      context.observe(`${count(tree.size, 'znode')} in all.`);
    },
  };
}

function isEphemeralAt(tree: ZnodeTree, path: string): boolean {
  const node = tree.get(path);
  return node !== undefined && isEphemeral(node.stat);
}
