/** Where producers, brokers, the high watermark and group members stand in the live picture, for a given width. Pure geometry. */

export interface Spot {
  x: number;
  y: number;
}

export interface Box extends Spot {
  width: number;
  height: number;
}

export interface PartitionAt {
  partition: number;
  leader: number | null;
  replicas: readonly number[];
  isr: readonly number[];
}

export interface Reader {
  groupId: string;
  memberId: string;
}

export interface PictureInput {
  width: number;
  brokers: readonly number[];
  partitions: readonly PartitionAt[];
  readers: readonly Reader[];
}

export interface Chip extends Box {
  partition: number;
  role: 'leader' | 'follower' | 'lagging';
}

export interface BrokerBox extends Box {
  brokerId: number;
  chips: Chip[];
  /** Replicas that found no room. */
  more: number;
}

export interface MemberBox extends Box, Reader {}

export interface GroupBox extends Box {
  groupId: string;
  members: MemberBox[];
}

export interface PictureLayout {
  width: number;
  height: number;
  upright: boolean;
  producers: Box;
  brokers: BrokerBox[];
  /** The line that records pass when all in-sync replicas have them. */
  watermark: { from: Spot; to: Spot };
  groups: GroupBox[];
}

const NARROW = 640;
const GAP = 16;
const CHIP = { height: 24, gap: 4 };
/** A chip holds the partition's name and, to the right of it, the dot of a record. */
const chipWidth = (box: Box) => (box.width < 150 ? 34 : 50);
const MEMBER_HEIGHT = 26;
const GROUP_HEAD = 28;

/** Lays the picture out: from left to right, or from top to bottom where it is narrow. */
export function layOut(input: PictureInput): PictureLayout {
  return input.width < NARROW ? topToBottom(input) : sideways(input);
}

function sideways({ width, brokers, partitions, readers }: PictureInput): PictureLayout {
  const brokerWidth = Math.min(230, width * 0.26);
  const brokerX = width * 0.28;
  const brokerHeight = 92;
  const groupX = width * 0.72;
  const brokersHeight = stackHeight(brokers.length, brokerHeight);
  const bare = stackGroups(readers, { x: groupX, y: 0 }, width - groupX - 2);
  const groupsHeight = bottomOf(bare);
  const height = Math.max(brokersHeight, groupsHeight, 200) + 2 * GAP;
  const top = (height - brokersHeight) / 2;
  const boxes = brokers.map((brokerId, index) =>
    brokerBox(brokerId, partitions, {
      x: brokerX,
      y: top + index * (brokerHeight + GAP),
      width: brokerWidth,
      height: brokerHeight,
    }),
  );
  const lineX = (brokerX + brokerWidth + groupX) / 2;
  return {
    width,
    height,
    upright: false,
    producers: { x: 2, y: height / 2 - 36, width: Math.min(130, width * 0.16), height: 72 },
    brokers: boxes,
    watermark: { from: { x: lineX, y: GAP }, to: { x: lineX, y: height - GAP } },
    groups: stackGroups(readers, { x: groupX, y: (height - groupsHeight) / 2 }, width - groupX - 2),
  };
}

function topToBottom({ width, brokers, partitions, readers }: PictureInput): PictureLayout {
  const perRow = Math.max(1, Math.min(3, brokers.length));
  const brokerWidth = (width - 4 - (perRow - 1) * 8) / perRow;
  const brokerHeight = 106;
  const brokersY = 44 + 56;
  const boxes = brokers.map((brokerId, index) =>
    brokerBox(brokerId, partitions, {
      x: 2 + (index % perRow) * (brokerWidth + 8),
      y: brokersY + Math.floor(index / perRow) * (brokerHeight + GAP),
      width: brokerWidth,
      height: brokerHeight,
    }),
  );
  const lineY = brokersY + stackHeight(Math.ceil(brokers.length / perRow), brokerHeight) + 40;
  const groups = stackGroups(readers, { x: 2, y: lineY + 48 }, width - 4);
  const height = Math.max(bottomOf(groups), lineY + 48 + 40) + GAP;
  return {
    width,
    height,
    upright: true,
    producers: { x: width / 2 - 70, y: 4, width: 140, height: 40 },
    brokers: boxes,
    watermark: { from: { x: 8, y: lineY }, to: { x: width - 8, y: lineY } },
    groups,
  };
}

function stackHeight(amount: number, each: number): number {
  return amount === 0 ? 0 : amount * each + (amount - 1) * GAP;
}

function bottomOf(boxes: readonly Box[]): number {
  return Math.max(0, ...boxes.map(({ y, height }) => y + height));
}

function brokerBox(brokerId: number, partitions: readonly PartitionAt[], box: Box): BrokerBox {
  const here = partitions.filter(({ replicas }) => replicas.includes(brokerId));
  const width = chipWidth(box);
  const pad = box.width < 150 ? 6 : 10;
  const perRow = Math.max(1, Math.floor((box.width - 2 * pad + CHIP.gap) / (width + CHIP.gap)));
  const room = perRow * 2;
  const shown = here.length > room ? here.slice(0, room - 1) : here;
  const chips = shown.map((partition, index) => ({
    partition: partition.partition,
    role: roleOf(partition, brokerId),
    x: box.x + pad + (index % perRow) * (width + CHIP.gap),
    y: box.y + box.height - 60 + Math.floor(index / perRow) * (CHIP.height + CHIP.gap),
    width,
    height: CHIP.height,
  }));
  return { ...box, brokerId, chips, more: here.length - shown.length };
}

function roleOf({ leader, isr }: PartitionAt, brokerId: number): Chip['role'] {
  if (leader === brokerId) return 'leader';
  return isr.includes(brokerId) ? 'follower' : 'lagging';
}

function stackGroups(readers: readonly Reader[], start: Spot, width: number): GroupBox[] {
  const names = [...new Set(readers.map(({ groupId }) => groupId))];
  let y = start.y;
  return names.map((groupId) => {
    const mine = readers.filter((reader) => reader.groupId === groupId);
    const height = GROUP_HEAD + mine.length * MEMBER_HEIGHT + 6;
    const members = mine.map((reader, index) => ({
      ...reader,
      x: start.x + 8,
      y: y + GROUP_HEAD + index * MEMBER_HEIGHT,
      width: width - 16,
      height: MEMBER_HEIGHT - 4,
    }));
    const box = { groupId, members, x: start.x, y, width, height };
    y += height + GAP;
    return box;
  });
}

/** Where a record is: with the producers, on a broker, at the high watermark, or with a member. */
export type Station =
  | { at: 'producers' }
  | { at: 'broker'; brokerId: number; partition: number }
  | { at: 'watermark'; brokerId: number; partition: number }
  | { at: 'member'; groupId: string; memberId: string };

/** The point of a station; null when it is not in the picture. */
export function spotOf(layout: PictureLayout, station: Station): Spot | null {
  if (station.at === 'producers') return outOf(layout.producers, layout.upright);
  if (station.at === 'member') {
    const group = layout.groups.find(({ groupId }) => groupId === station.groupId);
    const member = group?.members.find(({ memberId }) => memberId === station.memberId);
    return member ? into(member, layout.upright) : null;
  }
  const broker = layout.brokers.find(({ brokerId }) => brokerId === station.brokerId);
  if (!broker) return null;
  const chip = broker.chips.find(({ partition }) => partition === station.partition);
  const spot = chip ? slotOf(chip) : middle(broker);
  if (station.at === 'broker') return spot;
  const { from } = layout.watermark;
  return layout.upright ? { x: spot.x, y: from.y } : { x: from.x, y: spot.y };
}

/** Where a record lies on a replica. */
function slotOf({ x, y, width, height }: Box): Spot {
  return { x: x + width - (width < 40 ? 8 : 11), y: y + height / 2 };
}

/** A point on the straight way between two, gently begun and ended. */
export function between(from: Spot, to: Spot, share: number): Spot {
  const eased = share < 0.5 ? 2 * share * share : 1 - (2 - 2 * share) ** 2 / 2;
  return { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased };
}

export function middle({ x, y, width, height }: Box): Spot {
  return { x: x + width / 2, y: y + height / 2 };
}

/** Where an arrow leaves a box. */
export function outOf(box: Box, upright: boolean): Spot {
  return upright
    ? { x: box.x + box.width / 2, y: box.y + box.height }
    : { x: box.x + box.width, y: box.y + box.height / 2 };
}

/** Where an arrow enters a box. */
export function into(box: Box, upright: boolean): Spot {
  return upright ? { x: box.x + box.width / 2, y: box.y } : { x: box.x, y: box.y + box.height / 2 };
}

/** The readable part of a member id: `billing-1-4b0c…` → `billing-1`. */
export function shortMember(memberId: string): string {
  const short = memberId.replace(/-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i, '');
  return short === '' ? memberId : short;
}
