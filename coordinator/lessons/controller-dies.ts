/** The lesson 'the controller dies': it is killed for real, another broker takes its place, and nothing acknowledged is lost. */
import { brokerPath, CONTROLLER_EPOCH_PATH, CONTROLLER_PATH } from '../../zookeeper/znodes';
import type { ZnodeTree } from '../parts';
import type { Lesson, Look, Place, Step, StepContext } from './lesson';
import { brokerEpochOf, controllerEpochOf, controllerOf, registered } from './tools/brokers';
import { readFrom } from './tools/offsets';
import { LessonProducer } from './tools/producing';
import { breakOnPurpose, startAgain } from './tools/restart';
import { count, lookAtIsr, makeTopic, sayState, stateOf, waitForTopic } from './tools/topics';

const ELECTION_WITHIN_MS = 60_000;
const STEP_TIMEOUT_MS = 120_000;

interface Shared {
  /** The controller that is killed, once it is known. */
  killed: number | null;
  killedAtMs: number;
  epochBefore: number;
  brokerEpochBefore: bigint;
  leaderEpochsBefore: number[];
  readonly producer: LessonProducer;
  /** Values of the records that were acknowledged, by partition. */
  readonly acknowledged: Map<number, string[]>;
}

export const controllerDies: Lesson = {
  id: 'controller',
  title: 'The controller dies',
  summary: 'The broker that decides for the cluster is killed. Another one takes over, and writing goes on.',
  document: 'startup-sequence.md#the-controllers-death',
  unavailable({ brokerIds, noFaults }) {
    if (noFaults !== null) return `This lesson kills a broker. ${noFaults}`;
    if (brokerIds.length < 2) return 'Only one broker is registered. There must be another one that can take over.';
    return null;
  },
  steps(place) {
    const shared: Shared = {
      killed: null,
      killedAtMs: 0,
      epochBefore: 0,
      brokerEpochBefore: 0n,
      leaderEpochsBefore: [],
      producer: new LessonProducer(),
      acknowledged: new Map(),
    };
    return [
      prepare(place, shared),
      kill(place, shared),
      leadersMoved(place, shared),
      nothingLost(place, shared),
      restart(place, shared),
    ];
  },
};

/** One partition for each broker, so that the controller leads one too. */
function prepare({ topic, broker, zookeeper, brokerIds, replicationFactor }: Place, shared: Shared): Step {
  return {
    title: 'Who is the controller?',
    text:
      'Records lie in partitions, and each partition is kept by several brokers: one leads and takes the writes, ' +
      'the others copy. One of the brokers is the controller. It decides who leads which partition.' +
      '\n\nIts id stands in the znode /controller, a small file in ZooKeeper. It is ephemeral: it lives as long ' +
      'as the broker’s session with ZooKeeper. Beside it stands the controller epoch, a number that grows by one ' +
      'with every new controller. We also make a topic, a named stream of records, and write one record to each ' +
      'of its partitions.',
    command: `bin/zookeeper-shell.sh ${zookeeper} get /controller\nbin/kafka-topics.sh --bootstrap-server ${broker} --create --topic ${topic} --partitions ${brokerIds.length} --replication-factor ${replicationFactor}`,
    async perform(context) {
      const { tree } = context;
      await context.check('There is a controller', () => sayController(tree));
      await makeTopic(context, { name: topic, partitions: brokerIds.length, replicationFactor });
      await waitForTopic(context, topic, brokerIds.length, replicationFactor);
      await sendToAll(context, shared, 'before');
      context.observe(
        `${count(brokerIds.length, 'record')} acknowledged by all in-sync replicas, one in each partition.`,
      );
    },
  };
}

function sayController(tree: ZnodeTree): Look {
  const controller = controllerOf(tree);
  const saw = controller === null ? 'nobody' : `broker ${controller}, controller epoch ${controllerEpochOf(tree)}`;
  return { held: controller !== null, saw };
}

function kill({ bootstrap, topic, brokerIds }: Place, shared: Shared): Step {
  return {
    title: 'Kill the controller',
    text:
      'We kill its process, as kill -9 does. It cannot say goodbye. So its znodes stay until its session with ' +
      'ZooKeeper ends. With Apache Kafka that happens when ZooKeeper has heard nothing for up to 18 seconds. ' +
      'Gregor’s brokers can be quicker: when they see that it is dead, one of them closes its session.' +
      '\n\nThen /controller vanishes, all other brokers try to make it, and one succeeds. All the time a ' +
      'producer, a program that writes, tries to write one record to each partition.',
    command: `bin/kafka-topics.sh --bootstrap-server ${bootstrap} --describe --topic ${topic}\nkill -9 <process id of the controller>`,
    timeoutMs: STEP_TIMEOUT_MS,
    async perform(context) {
      const { tree } = context;
      await killOnce(context, shared);
      const victim = shared.killed as number;
      const before = [...shared.acknowledged.values()].flat().length;
      // Meanwhile a producer writes to every partition, and tries until it is answered.
      void sendToAll(context, shared, 'after').catch((error: Error) =>
        context.observe(`Writing failed: ${error.message}`),
      );
      await context.check(
        `The session of broker ${victim} has ended: its znode /brokers/ids/${victim} is gone`,
        () => ({ held: !tree.get(brokerPath(victim)), saw: `registered: brokers ${registered(tree).join(', ')}` }),
        ELECTION_WITHIN_MS,
      );
      context.observe(`Its znode was gone ${since(context, shared)} after the kill. ${howItEnded(context, victim)}`);
      await context.check(
        'Another broker is the controller now, and the controller epoch is greater by one',
        () => {
          const { held, saw } = sayController(tree);
          const other = controllerOf(tree) !== victim && controllerEpochOf(tree) === shared.epochBefore + 1;
          return { held: held && other, saw: `${saw}; before it was broker ${victim}, epoch ${shared.epochBefore}` };
        },
        ELECTION_WITHIN_MS,
      );
      context.observe(`Broker ${controllerOf(tree)} was elected ${since(context, shared)} after the kill.`);
      await context.check(
        'Every partition acknowledges records again',
        () => {
          const answered = [...shared.acknowledged.values()].flat().length - before;
          return { held: answered === brokerIds.length, saw: `${answered} of ${brokerIds.length} partitions did` };
        },
        ELECTION_WITHIN_MS,
      );
      await context.check('The flight recorder saw /controller change hands', () => {
        const seen = context.changes().filter(({ path }) => [CONTROLLER_PATH, CONTROLLER_EPOCH_PATH].includes(path));
        const said = seen.map(({ path, kind }) => `${path} ${kind}`).join(', ');
        return { held: seen.some(({ path }) => path === CONTROLLER_PATH), saw: said || 'no change of it' };
      });
    },
  };
}

/** A step that is tried again does not kill a second broker. */
async function killOnce(context: StepContext, shared: Shared): Promise<void> {
  if (shared.killed !== null) {
    context.observe(`Broker ${shared.killed} was killed in the first try of this step; no other one is killed.`);
    return;
  }
  const { tree, place } = context;
  const victim = controllerOf(tree);
  if (victim === null) throw new Error('The cluster has no controller at the moment, so none can be killed.');
  shared.epochBefore = controllerEpochOf(tree);
  shared.brokerEpochBefore = brokerEpochOf(tree, victim) ?? 0n;
  shared.leaderEpochsBefore = place.brokerIds.map(
    (_, partition) => stateOf(tree, place.topic, partition)?.leaderEpoch ?? 0,
  );
  context.makes(`stopped broker ${victim}`, () => startAgain(context.faults, victim));
  await context.unlessAborted(breakOnPurpose(context.faults, victim, 'kill'));
  shared.killed = victim;
  shared.killedAtMs = context.clock.monotonicMs();
  context.observe(`Killed broker ${victim}, the controller of epoch ${shared.epochBefore}.`);
}

/** What the recorder knows of the end of the session. */
function howItEnded(context: StepContext, victim: number): string {
  const fence = context.changes().find(({ path }) => path === `/gregor/fences/${victim}`);
  if (fence) return 'The other brokers saw that it was dead, and one of them closed its session (Gregor’s fast fence).';
  return 'ZooKeeper had heard nothing of it for the time of its session.';
}

function leadersMoved({ topic, bootstrap, brokerIds }: Place, shared: Shared): Step {
  return {
    title: 'The leaders have moved',
    text:
      'The dead broker led partitions, too. The new controller has given each of them another leader: a broker ' +
      'whose copy was in sync, which means complete. The list of those is the ISR, the in-sync replicas.' +
      '\n\nThe leader epoch of these partitions has grown, so that nobody mistakes the old leader for the new ' +
      'one. Producers asked for the new leaders by themselves, and sent again: that is why writing went on.',
    command: `bin/kafka-topics.sh --bootstrap-server ${bootstrap} --describe --topic ${topic}`,
    timeoutMs: STEP_TIMEOUT_MS,
    async perform(context) {
      const { tree } = context;
      const victim = shared.killed as number;
      await context.check(
        'Every partition has a living leader, and the dead broker is in no ISR',
        () => {
          const states = brokerIds.map((_, partition) => stateOf(tree, topic, partition));
          const held = states.every((state) => state && state.leader >= 0 && !state.isr.includes(victim));
          return {
            held,
            saw: states.map((state, partition) => `partition ${partition}: ${sayState(state)}`).join('; '),
          };
        },
        ELECTION_WITHIN_MS,
      );
      await context.check('The leader epoch has grown where it had a copy', () => lookAtLeaderEpochs(context, shared));
    },
  };
}

function lookAtLeaderEpochs({ tree, place }: StepContext, { leaderEpochsBefore }: Shared): Look {
  const rows = leaderEpochsBefore.map((before, partition) => {
    return { partition, before, now: stateOf(tree, place.topic, partition)?.leaderEpoch ?? -1 };
  });
  const held = rows.some(({ before, now }) => now > before) && rows.every(({ before, now }) => now >= before);
  return {
    held,
    saw: rows.map(({ partition, before, now }) => `partition ${partition}: ${before}, now ${now}`).join('; '),
  };
}

function nothingLost({ topic, bootstrap, brokerIds }: Place, shared: Shared): Step {
  return {
    title: 'Nothing acknowledged is lost',
    text: 'Every record that was acknowledged with acks=all was on all in-sync replicas before the answer came. So it does not matter that one of them is gone. We read all partitions and compare.',
    command: `bin/kafka-console-consumer.sh --bootstrap-server ${bootstrap} --topic ${topic} --from-beginning --max-messages ${2 * brokerIds.length}`,
    async perform(context) {
      await context.check('Every acknowledged record is there', async () => {
        const rows: string[] = [];
        let missing = 0;
        for (const [partition, expected] of shared.acknowledged) {
          const found = (await readFrom(context, { topic, partition }, 0)).map(({ value }) => value);
          missing += expected.filter((value) => !found.includes(value)).length;
          rows.push(`partition ${partition}: ${found.join(', ')}`);
        }
        const written = [...shared.acknowledged.values()].flat().length;
        return { held: missing === 0 && written > 0, saw: `${missing} of ${written} missing; ${rows.join('; ')}` };
      });
    },
  };
}

function restart({ topic, bootstrap, brokerIds, replicationFactor }: Place, shared: Shared): Step {
  return {
    title: 'Start it again',
    text:
      'The broker starts. It registers with a new session, so it gets a new broker epoch. It is not the controller any more, and it leads nothing at first: it copies what it has missed. When it has caught up, the leaders ' +
      'ask the controller to take it back into the ISR.',
    command: `bin/kafka-server-start.sh config/server.properties\nbin/kafka-leader-election.sh --bootstrap-server ${bootstrap} --election-type preferred --all-topic-partitions`,
    timeoutMs: STEP_TIMEOUT_MS,
    async perform(context) {
      const { tree } = context;
      const back = shared.killed as number;
      await context.unlessAborted(startAgain(context.faults, back));
      await context.unmakes(`stopped broker ${back}`);
      context.observe(`Started broker ${back}.`);
      await context.check(
        `Broker ${back} is registered again, with a greater broker epoch`,
        () => {
          const epoch = brokerEpochOf(tree, back);
          const saw =
            epoch === null ? 'it is not registered' : `broker epoch ${epoch}, before ${shared.brokerEpochBefore}`;
          return { held: epoch !== null && epoch > shared.brokerEpochBefore, saw };
        },
        ELECTION_WITHIN_MS,
      );
      await context.check(
        'Every partition has all its copies in sync again',
        () => lookAtIsr(tree, topic, brokerIds.length, replicationFactor),
        ELECTION_WITHIN_MS,
      );
      context.observe(sayController(tree).saw);
    },
  };
}

/** One record to each partition, all at once, each tried until it is acknowledged; tells when that was. */
async function sendToAll(context: StepContext, shared: Shared, when: string): Promise<void> {
  const { topic, brokerIds } = context.place;
  await Promise.all(
    [...brokerIds.keys()].map(async (partition) => {
      const before = shared.acknowledged.get(partition) ?? [];
      const value = `${when} ${before.length + 1}`;
      await shared.producer.send(context, topic, [{ partition, value }]);
      shared.acknowledged.set(partition, [...before, value]);
      if (shared.killed === null) return;
      context.observe(`Partition ${partition} acknowledged a record ${since(context, shared)} after the kill.`);
    }),
  );
}

function since({ clock }: StepContext, { killedAtMs }: Shared): string {
  return `${((clock.monotonicMs() - killedAtMs) / 1000).toFixed(1)} s`;
}
