/**
 * Two consumers of @platformatic/kafka in one group, which speak the newest versions: they read what a producer wrote
 * until all of it was seen, twice. Prints what they saw as JSON. An own process, since the library is an ES module.
 */
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';

const [bootstrap, groupId, count] = process.argv.slice(2);
const bootstrapBrokers = bootstrap.split(',');
const topic = `${groupId}-topic`;
const admin = new Admin({ clientId: 'admin', bootstrapBrokers });
const producer = new Producer({ clientId: 'producer', bootstrapBrokers, serializers: stringSerializers });

async function produce(from) {
  const messages = Array.from({ length: Number(count) }, (_, index) => ({
    topic,
    key: `${from + index}`,
    value: `${from + index}`,
  }));
  await producer.send({ messages });
}

async function member(clientId) {
  const consumer = new Consumer({
    groupId,
    clientId,
    bootstrapBrokers,
    deserializers: stringDeserializers,
    sessionTimeout: 10_000,
    heartbeatInterval: 300,
    rebalanceTimeout: 10_000,
    autocommit: 100,
  });
  const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest' });
  const seen = [];
  stream.on('data', (message) => seen.push(message.value));
  return { consumer, seen };
}

async function until(condition) {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('waited in vain');
}

const describe = async () => [...(await admin.describeGroups({ groups: [groupId] })).values()][0];

await admin.createTopics({ topics: [topic], partitions: 4, replicas: 1 });
await produce(0);
const members = [await member('one'), await member('two')];
const seen = () => new Set(members.flatMap((each) => each.seen)).size;
await until(() => seen() === Number(count));
await until(async () => (await describe()).members.size === 2);
await produce(Number(count));
await until(() => seen() === 2 * Number(count));
const group = await describe();
const result = { members: members.map((each) => each.seen.length), distinct: seen(), protocol: group.protocolType };
for (const { consumer } of members) await consumer.close(true);
await Promise.all([producer.close(), admin.close()]);
console.log(JSON.stringify(result));
