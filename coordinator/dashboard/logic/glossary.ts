/** Kafka's and ZooKeeper's terms in a sentence or two each, and where the documents tell more. */

export interface Explanation {
  text: string;
  /** File and anchor, relative to docs/. */
  document: string;
}

export const glossary = {
  broker: {
    text: 'A Kafka server. It keeps partitions on its disk, takes records from producers and hands them to consumers.',
    document: 'concepts.md#replication',
  },
  controller: {
    text: 'One of the brokers, elected through ZooKeeper. It decides which replica leads each partition and tells the others.',
    document: 'startup-sequence.md',
  },
  'controller epoch': {
    text: 'Counts the elections of a controller. Orders of an earlier controller carry a lower number and are refused.',
    document: 'znodes.md#who-is-there',
  },
  'broker epoch': {
    text: 'The number of the ZooKeeper transaction with which this broker registered. A new registration has a higher one, so that the former life of a broker cannot be taken for the present one.',
    document: 'znodes.md#who-is-there',
  },
  ZooKeeper: {
    text: 'The small, strict store in which brokers register, elect a controller and keep what all must agree on.',
    document: 'concepts.md#zookeepers-role',
  },
  znode: {
    text: 'One node in the tree that ZooKeeper keeps: a path, a small payload, and children.',
    document: 'znodes.md',
  },
  zxid: {
    text: 'The number of a transaction in ZooKeeper. All changes have one single order, and this is the place in it.',
    document: 'startup-sequence.md#watch-it-yourself',
  },
  session: {
    text: 'The bond between a process and ZooKeeper, kept alive by heartbeats. When it expires, the ephemeral znodes that it made vanish.',
    document: 'concepts.md#zookeepers-role',
  },
  ephemeral: {
    text: 'Goes away by itself when the session that made it ends. So ZooKeeper notices that a broker is gone.',
    document: 'znodes.md',
  },
  topic: { text: 'A named stream of records. It is divided into partitions.', document: 'concepts.md#topic' },
  partition: {
    text: 'One ordered log of records, and the unit of order, of parallel reading and of replication.',
    document: 'concepts.md#partition',
  },
  record: {
    text: 'What is written to Kafka: an optional key, a value, a time, and optional headers. Kafka does not look inside.',
    document: 'concepts.md#event',
  },
  key: {
    text: 'Records with the same key go to the same partition, and so stay in order among themselves.',
    document: 'concepts.md#partition',
  },
  offset: {
    text: 'The number of a record within its partition: 0, 1, 2, … It never changes.',
    document: 'concepts.md#offset',
  },
  replica: { text: 'One copy of a partition, on one broker.', document: 'concepts.md#replication' },
  leader: {
    text: 'The replica that serves reads and writes of a partition. The others, the followers, copy from it.',
    document: 'concepts.md#replication',
  },
  follower: { text: 'A replica that copies what the leader has.', document: 'concepts.md#replication' },
  'preferred leader': {
    text: 'The first replica in the list. Leadership comes back to it, so that work stays spread over the brokers.',
    document: 'znodes.md#topics-and-partitions',
  },
  'leader epoch': {
    text: 'Rises with each new leader of the partition. Tells what an earlier leader wrote from what this one did.',
    document: 'znodes.md#topics-and-partitions',
  },
  'partition epoch': {
    text: 'The version of the partition’s znode: rises with every change of leader or ISR.',
    document: 'znodes.md#topics-and-partitions',
  },
  ISR: {
    text: 'In-sync replicas: the leader and all followers that keep up with it. Only they may become leader, unless unclean elections are allowed.',
    document: 'concepts.md#replication',
  },
  'min ISR': {
    text: 'min.insync.replicas: how many in-sync replicas there must be for a write with acks=all to be accepted.',
    document: 'concepts.md#acknowledgement',
  },
  'high watermark': {
    text: 'Up to here all in-sync replicas have the records. Consumers see only what lies before it.',
    document: 'concepts.md#offset',
  },
  'log start offset': { text: 'The oldest offset that is still kept.', document: 'concepts.md#retention' },
  'under-replicated': {
    text: 'A replica is missing from the ISR: a further failure could now cost more than it should.',
    document: 'replication.md',
  },
  offline: {
    text: 'No replica can lead: nobody can read from or write to this partition now.',
    document: 'failover.md',
  },
  group: {
    text: 'Consumers that share a name and divide the partitions among themselves. Each partition is read by one member.',
    document: 'concepts.md#consumer-group',
  },
  member: { text: 'One consumer in a group.', document: 'concepts.md#consumer-group' },
  'group coordinator': {
    text: 'The broker that looks after a group: its members, its rebalances and its committed offsets.',
    document: 'concepts.md#group-coordinator',
  },
  lag: {
    text: 'How many records a group still has to read: high watermark minus committed offset.',
    document: 'concepts.md#consumer-group',
  },
  'committed offset': {
    text: 'Up to where a group says that it is done. After a restart it goes on from here.',
    document: 'concepts.md#acknowledgement',
  },
  rebalance: {
    text: 'The members of a group divide the partitions anew, because one came or went.',
    document: 'concepts.md#group-coordinator',
  },
  retention: { text: 'How long, or up to which size, records are kept.', document: 'concepts.md#retention' },
  producer: { text: 'A program that writes records to a topic.', document: 'concepts.md#producer' },
  consumer: { text: 'A program that reads records, in order, from partitions.', document: 'concepts.md#consumer' },
  verdict: {
    text: 'What all findings about it come to: healthy, degraded (works, but not as it should), unhealthy (something does not work), unknown.',
    document: 'failover.md',
  },
} satisfies Record<string, Explanation>;

export type TermName = keyof typeof glossary;
