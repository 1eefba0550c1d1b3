/** Paths of znodes as a tree that opens and closes. */

export interface Child {
  name: string;
  path: string;
  numChildren: number;
  ephemeral: boolean;
}

export interface TreeRow extends Child {
  depth: number;
  open: boolean;
  /** Its children have not come yet. */
  loading: boolean;
  /** Stands for children that are not shown: how many. */
  more?: number;
}

/** `/a/b` → ['/', '/a', '/a/b']. */
export function ancestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}

/**
 * The rows that show, from the top: what is open is followed by its children.
 * @param mostChildren children shown of one node; the rest is told as a number
 */
export function treeRows(
  children: ReadonlyMap<string, readonly Child[]>,
  open: ReadonlySet<string>,
  mostChildren: number,
): TreeRow[] {
  const rows: TreeRow[] = [];
  const add = (child: Child, depth: number) => {
    const isOpen = open.has(child.path);
    const below = children.get(child.path);
    rows.push({ ...child, depth, open: isOpen, loading: isOpen && !below });
    if (!isOpen || !below) return;
    for (const next of below.slice(0, mostChildren)) add(next, depth + 1);
    const left = below.length - mostChildren;
    if (left > 0) rows.push({ ...child, depth: depth + 1, open: false, loading: false, more: left });
  };
  const top = children.get('/');
  add({ name: '/', path: '/', numChildren: top?.length ?? 0, ephemeral: false }, 0);
  return rows;
}
