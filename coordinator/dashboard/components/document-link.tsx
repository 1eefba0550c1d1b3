/** Links to the documents, which the coordinator serves as pages. They open beside the dashboard, so that nothing begun is lost. */
import type { ComponentChildren } from 'preact';

/** @param document file and anchor relative to docs/, e.g. `concepts.md#offset` */
export function documentHref(document: string): string {
  const [file = '', anchor] = document.replace(/^docs\//, '').split('#');
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `/docs/${path}${anchor ? `#${encodeURIComponent(anchor)}` : ''}`;
}

interface LinkProps {
  document: string | null;
  children: ComponentChildren;
  label?: string;
}

export function DocumentLink({ document, children, label }: LinkProps) {
  if (!document) return null;
  return (
    <a class="small nowrap" href={documentHref(document)} target="gregor-docs" aria-label={label}>
      {children}
    </a>
  );
}
