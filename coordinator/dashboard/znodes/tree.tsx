/** The tree of znodes: one stop of the tab key, arrows move inside it, as trees do everywhere. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type TreeRow, treeRows } from '../logic/znodes.js';
import type { TreeData } from './children.js';

const MOST_CHILDREN = 300;

interface TreeProps {
  data: TreeData;
  open: ReadonlySet<string>;
  selected: string;
  select(path: string): void;
  toggle(path: string): void;
}

const idOf = (path: string) => `znode${path}`;

export function ZnodeTree({ data, open, selected, select, toggle }: TreeProps) {
  const rows = useMemo(() => treeRows(data.children, open, MOST_CHILDREN), [data.children, open]);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (list.current) showInside(list.current, list.current.querySelector<HTMLElement>('[aria-selected="true"]'));
  }, [selected, rows.length]);
  const onKey = (event: KeyboardEvent) => {
    const target = targetOf(event.key, rows, selected);
    if (!target) return;
    event.preventDefault();
    if (target.toggle) toggle(selected);
    else select(target.path);
  };
  return (
    <ul
      class="tree"
      role="tree"
      aria-label="Znodes"
      tabIndex={0}
      aria-activedescendant={idOf(selected)}
      onKeyDown={onKey}
      ref={list}
    >
      {rows.map((row) =>
        row.more === undefined ? (
          <Row
            key={row.path}
            row={row}
            selected={row.path === selected}
            changed={data.changed.has(row.path)}
            select={select}
            toggle={toggle}
          />
        ) : (
          <li
            role="treeitem"
            aria-selected={false}
            key={`${row.path} more`}
            style={{ '--depth': String(row.depth) }}
            class="soft"
          >
            and {row.more} more
          </li>
        ),
      )}
    </ul>
  );
}

/** Scrolls the tree, but never the page. */
function showInside(frame: HTMLElement, row: HTMLElement | null): void {
  if (!row) return;
  const top = row.offsetTop - frame.offsetTop;
  if (top < frame.scrollTop) frame.scrollTop = top;
  const below = top + row.offsetHeight - frame.clientHeight;
  if (below > frame.scrollTop) frame.scrollTop = below + row.offsetHeight;
}

interface RowProps {
  row: TreeRow;
  selected: boolean;
  changed: boolean;
  select(path: string): void;
  toggle(path: string): void;
}

function Row({ row, selected, changed, select, toggle }: RowProps) {
  const leaf = row.numChildren === 0;
  return (
    <li
      role="treeitem"
      id={idOf(row.path)}
      aria-level={row.depth + 1}
      aria-expanded={leaf ? undefined : row.open}
      aria-selected={selected}
      class={changed ? 'changed' : ''}
      style={{ '--depth': String(row.depth) }}
      onClick={() => {
        if (!row.open || selected) toggle(row.path);
        select(row.path);
      }}
    >
      <span class="twist" aria-hidden="true">
        {leaf ? '' : row.open ? '▾' : '▸'}
      </span>
      {row.name}
      {row.ephemeral ? (
        <span class="badge" title="Goes away with the session that made it">
          ephemeral
        </span>
      ) : null}
      {leaf || row.open ? null : <span class="soft small">{row.numChildren}</span>}
    </li>
  );
}

/** Where an arrow key leads. */
function targetOf(key: string, rows: readonly TreeRow[], selected: string): { path: string; toggle: boolean } | null {
  const real = rows.filter(({ more }) => more === undefined);
  const index = real.findIndex(({ path }) => path === selected);
  const row = real[index];
  if (!row) return null;
  const to = (other: TreeRow | undefined) => (other ? { path: other.path, toggle: false } : null);
  if (key === 'ArrowDown') return to(real[index + 1]);
  if (key === 'ArrowUp') return to(real[index - 1]);
  if (key === 'Home') return to(real[0]);
  if (key === 'End') return to(real.at(-1));
  if (key === 'Enter' || key === ' ') return { path: row.path, toggle: true };
  if (key === 'ArrowRight') return row.open ? to(real[index + 1]) : { path: row.path, toggle: row.numChildren > 0 };
  if (key === 'ArrowLeft' && row.open) return { path: row.path, toggle: true };
  if (key === 'ArrowLeft') return to(real.slice(0, index).findLast(({ depth }) => depth === row.depth - 1));
  return null;
}
