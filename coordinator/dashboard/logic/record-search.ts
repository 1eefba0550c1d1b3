/** From the choices on the page of records to the parameters of the search. */

const PER_PAGE = 50;

/** Where to begin, as the page's address has it. */
export type Start = 'newest' | 'oldest' | 'offset' | 'time';

export function startOf(query: Readonly<Record<string, string>>): Start {
  const from = query['from'];
  return from === 'oldest' || from === 'offset' || from === 'time' ? from : 'newest';
}

/**
 * Parameters of GET /api/topics/{topic}/records.
 * @param next where the page before ended, by partition; null for the first page
 */
export function recordSearch(
  query: Readonly<Record<string, string>>,
  next: Readonly<Record<string, number>> | null,
): string {
  const search = new URLSearchParams({ limit: String(PER_PAGE) });
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') search.set(name, value);
  };
  put('partition', query['partition']);
  put('key', query['key']);
  put('value', query['value']);
  const start = startOf(query);
  if (start === 'newest') search.set('newest', 'true');
  if (next !== null) {
    put(
      'from',
      Object.entries(next)
        .map(([partition, offset]) => `${partition}:${offset}`)
        .join(','),
    );
  } else if (start === 'offset') put('offset', query['offset']);
  else if (start === 'time') put('timeMs', query['timeMs']);
  return search.toString();
}
