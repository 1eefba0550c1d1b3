/** What every page is given: where its address leads beyond the page's own name. */
export interface PageProps {
  /** Segments behind the page's own. */
  rest: readonly string[];
  query: Readonly<Record<string, string>>;
}
