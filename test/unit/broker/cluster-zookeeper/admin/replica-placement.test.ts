import fc from 'fast-check';
import {
  alternateRacks,
  placeReplicas,
  type PlacementBroker,
} from '../../../../../broker/cluster-zookeeper/admin/replica-placement';
import { KafkaError } from '../../../../../protocol';

const withoutRacks = (count: number): PlacementBroker[] =>
  Array.from({ length: count }, (_, id) => ({ id, rack: null }));
const onRacks = (racks: Record<number, string>): PlacementBroker[] =>
  Object.entries(racks).map(([id, rack]) => ({ id: Number(id), rack }));
const start = { startIndex: 0, shift: 0, firstPartition: 0 };

test('without racks leaders go round the brokers and followers shift with every round', () => {
  const placed = placeReplicas(withoutRacks(5), { partitions: 10, replicationFactor: 3, ...start });
  expect([...placed.values()]).toEqual([
    [0, 1, 2],
    [1, 2, 3],
    [2, 3, 4],
    [3, 4, 0],
    [4, 0, 1],
    [0, 2, 3],
    [1, 3, 4],
    [2, 4, 0],
    [3, 0, 1],
    [4, 1, 2],
  ]);
});

test('brokers of different racks alternate, racks in the order of their names', () => {
  const racks = new Map([
    [0, 'rack1'],
    [1, 'rack3'],
    [2, 'rack3'],
    [3, 'rack2'],
    [4, 'rack2'],
    [5, 'rack1'],
  ]);
  expect(alternateRacks(racks)).toEqual([0, 3, 1, 5, 4, 2]);
});

test('with racks each of the first replicas is on a rack of its own', () => {
  const brokers = onRacks({ 0: 'rack1', 1: 'rack3', 2: 'rack3', 3: 'rack2', 4: 'rack2', 5: 'rack1' });
  const placed = placeReplicas(brokers, { partitions: 7, replicationFactor: 3, ...start });
  expect([...placed.values()]).toEqual([
    [0, 3, 1],
    [3, 1, 5],
    [1, 5, 4],
    [5, 4, 2],
    [4, 2, 0],
    [2, 0, 3],
    [0, 4, 2],
  ]);
});

test('no partition has a broker twice, and leaders and replicas are spread evenly', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 1, max: 3 }),
      fc.boolean(),
      (count, wantedFactor, startIndex, shift, rounds, racks) => {
        const replicationFactor = Math.min(count, wantedFactor);
        const brokers = withoutRacks(count).map(({ id }) => ({ id, rack: racks ? `r${id % 3}` : null }));
        const partitions = count * rounds;
        const placed = placeReplicas(brokers, { partitions, replicationFactor, startIndex, shift, firstPartition: 0 });
        const leaders = new Map<number, number>();
        for (const replicas of placed.values()) {
          expect(new Set(replicas).size).toBe(replicationFactor);
          leaders.set(replicas[0] as number, (leaders.get(replicas[0] as number) ?? 0) + 1);
          const usedRacks = new Set(replicas.map((id) => id % 3)).size;
          expect(usedRacks).toBeGreaterThanOrEqual(racks ? Math.min(replicationFactor, 3, count) : 1);
        }
        expect([...leaders.values()].every((led) => led === rounds)).toBe(true);
      },
    ),
  );
});

test('partitions that are added go on where the existing ones ended', () => {
  const all = placeReplicas(withoutRacks(4), {
    partitions: 9,
    replicationFactor: 2,
    startIndex: 1,
    shift: 1,
    firstPartition: 0,
  });
  const head = placeReplicas(withoutRacks(4), {
    partitions: 4,
    replicationFactor: 2,
    startIndex: 1,
    shift: 1,
    firstPartition: 0,
  });
  expect([...head]).toEqual([...all].slice(0, 4));
});

test.each([
  [{ partitions: 0, replicationFactor: 1 }, 'Number of partitions must be larger than 0.'],
  [{ partitions: 1, replicationFactor: 0 }, 'Replication factor must be larger than 0.'],
  [{ partitions: 1, replicationFactor: 4 }, 'Replication factor: 4 larger than available brokers: 3.'],
])('%j is refused in words', (wish, text) => {
  expect(() => placeReplicas(withoutRacks(3), { ...wish, ...start })).toThrow(
    new KafkaError('INVALID_PARTITIONS', text),
  );
});

test('racks on some brokers only are refused', () => {
  const brokers = [
    { id: 0, rack: 'a' },
    { id: 1, rack: null },
  ];
  expect(() => placeReplicas(brokers, { partitions: 1, replicationFactor: 1, ...start })).toThrow(
    /Not all brokers have rack information/,
  );
});
