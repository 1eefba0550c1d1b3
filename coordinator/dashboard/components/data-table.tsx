/** A table that stays light: sorted by its headings, filtered, cut into pages, scrolling sideways inside its frame. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { count } from '../logic/format.js';
import { matches, pageOf, type Page, sorted, type SortValue } from '../logic/pages.js';

export interface Column<T> {
  /** Unique within the table. */
  id: string;
  title: ComponentChildren;
  /** For the sort button's name where the title is more than text. */
  name?: string;
  cell(row: T): ComponentChildren;
  /** Sortable when given. */
  sort?(row: T): SortValue;
  number?: boolean;
  /** May break anywhere: paths, values. */
  long?: boolean;
  /** Wants room: what is read most. */
  wide?: boolean;
}

interface TableProps<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey(row: T): string;
  /** What the filter looks at; no filter field when left out. */
  text?(row: T): string;
  filterLabel?: string;
  empty?: ComponentChildren;
  perPage?: number;
}

export function DataTable<T>(props: TableProps<T>) {
  const { rows, text, perPage = 50, columns } = props;
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState<{ id: string; descending: boolean } | null>(null);
  const [page, setPage] = useState(0);
  const kept = text && filter.trim() !== '' ? rows.filter((row) => matches(text(row), filter.trim())) : rows;
  const by = columns.find(({ id }) => id === order?.id)?.sort;
  const shown = pageOf(by && order ? sorted(kept, by, order.descending) : kept, page, perPage);
  const turn = (id: string) => setOrder({ id, descending: order?.id === id && !order.descending });
  return (
    <>
      {text && rows.length > 5 ? (
        <div class="field">
          <input
            type="search"
            aria-label={props.filterLabel ?? 'Filter'}
            placeholder={props.filterLabel ?? 'Filter'}
            value={filter}
            onInput={(event) => {
              setFilter(event.currentTarget.value);
              setPage(0);
            }}
          />
        </div>
      ) : null}
      <div class="scroll" role="region" aria-label={props.caption} tabIndex={0}>
        <table>
          <caption class="visually-hidden">{props.caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <HeadCell key={column.id} column={column} order={order} turn={turn} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.rows.map((row) => (
              <Row key={props.rowKey(row)} row={row} columns={columns} />
            ))}
            {shown.total === 0 ? (
              <tr>
                <td colSpan={columns.length} class="soft">
                  {rows.length > 0 ? 'Nothing matches the filter.' : (props.empty ?? 'None.')}
                </td>
              </tr>
            ) : null}
          </tbody>
        </table>
      </div>
      <Pager shown={shown} all={rows.length} setPage={setPage} />
    </>
  );
}

interface HeadProps<T> {
  column: Column<T>;
  order: { id: string; descending: boolean } | null;
  turn(id: string): void;
}

function HeadCell<T>({ column, order, turn }: HeadProps<T>) {
  const mine = order?.id === column.id;
  const direction = mine ? (order.descending ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" class={classOf(column)} aria-sort={direction}>
      <span class="head">
        {column.title}
        {column.sort ? (
          <button type="button" class="sort" aria-label={`Sort by ${nameOf(column)}`} onClick={() => turn(column.id)}>
            <span aria-hidden="true">{mine ? (order.descending ? '▼' : '▲') : '↕'}</span>
          </button>
        ) : null}
      </span>
    </th>
  );
}

function nameOf<T>({ id, name, title }: Column<T>): string {
  return name ?? (typeof title === 'string' ? title : id);
}

function Row<T>({ row, columns }: { row: T; columns: readonly Column<T>[] }) {
  return (
    <tr>
      {columns.map((column, index) =>
        index === 0 ? (
          <th scope="row" key={column.id} class={classOf(column)}>
            {column.cell(row)}
          </th>
        ) : (
          <td key={column.id} class={classOf(column)}>
            {column.cell(row)}
          </td>
        ),
      )}
    </tr>
  );
}

function classOf<T>({ number, long, wide }: Column<T>): string {
  return `${number ? 'number' : ''} ${long ? 'long' : ''} ${wide ? 'wide' : ''}`.trim();
}

export function Pager<T>({ shown, all, setPage }: { shown: Page<T>; all: number; setPage(page: number): void }) {
  if (shown.pages <= 1) return null;
  const { page, pages } = shown;
  return (
    <nav class="pager" aria-label="Pages of the table">
      <button type="button" class="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
        Back
      </button>
      <span>
        Page {page + 1} of {pages} · {count(shown.total)} rows{shown.total < all ? ` of ${count(all)}` : ''}
      </span>
      <button type="button" class="button" disabled={page >= pages - 1} onClick={() => setPage(page + 1)}>
        Next
      </button>
    </nav>
  );
}
