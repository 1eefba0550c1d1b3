/** The replicas of a partition in their order: who leads, who is in sync, who is behind, who is gone. */

interface ReplicasProps {
  replicas: readonly number[];
  isr: readonly number[];
  leader: number | null;
  offline: readonly number[];
}

export function Replicas({ replicas, isr, leader, offline }: ReplicasProps) {
  return (
    <span class="replicas">
      {replicas.map((id) => {
        const [kind, words] = kindOf(id, { replicas, isr, leader, offline });
        return (
          <span class={`replica ${kind}`} key={id} title={`Broker ${id}: ${words}`}>
            {id}
            <span class="visually-hidden"> ({words})</span>
          </span>
        );
      })}
    </span>
  );
}

function kindOf(id: number, { isr, leader, offline }: ReplicasProps): [string, string] {
  if (id === leader) return ['leads', 'leader'];
  if (offline.includes(id)) return ['gone', 'not registered'];
  return isr.includes(id) ? ['', 'follower in sync'] : ['out', 'follower behind'];
}
