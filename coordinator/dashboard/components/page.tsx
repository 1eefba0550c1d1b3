/** What pages are made of: heading, blocks, states of loading and failing. */
import type { Freshness } from '@schemas';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { every, wallMs } from '../clock.js';
import { ago } from '../logic/format.js';
import type { Resource } from '../resource.js';
import { focusHeading } from '../router.js';

export interface Crumb {
  text: string;
  href: string;
}

interface HeadingProps {
  title: string;
  crumbs?: readonly Crumb[];
  /** One sentence on what the page shows. */
  lead?: ComponentChildren;
  /** Stands beside the title: verdict, badges. */
  beside?: ComponentChildren;
  actions?: ComponentChildren;
}

export function Heading({ title, crumbs, lead, beside, actions }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Gregor`;
    focusHeading(heading.current);
  }, [title]);
  return (
    <header class="page-head">
      {crumbs ? (
        <nav class="crumbs" aria-label="Where you are">
          {crumbs.map(({ text, href }) => (
            <span key={href}>
              <a href={href}>{text}</a> ›{' '}
            </span>
          ))}
          <span aria-current="page">{title}</span>
        </nav>
      ) : null}
      <div class="title">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {beside}
      </div>
      {lead ? <p class="soft">{lead}</p> : null}
      {actions ? <div class="row">{actions}</div> : null}
    </header>
  );
}

interface CardProps {
  title: ComponentChildren;
  beside?: ComponentChildren;
  children: ComponentChildren;
  label?: string;
  className?: string;
}

export function Card({ title, beside, children, label, className = '' }: CardProps) {
  return (
    <section class={`card ${className}`} aria-label={label}>
      <header>
        <h2>{title}</h2>
        {beside}
      </header>
      {children}
    </section>
  );
}

/** Shows what came, or that it is on its way, or why it did not come. Old data stays with a note when a later call fails. */
export function Loaded<T>({ resource, children }: { resource: Resource<T>; children: (data: T) => ComponentChildren }) {
  const { data, error } = resource;
  if (data === null) {
    return error ? (
      <p class="note bad" role="alert">
        {error.message}
      </p>
    ) : (
      <p class="loading" role="status">
        Loading …
      </p>
    );
  }
  return (
    <>
      {error ? (
        <p class="note warn" role="status">
          Could not be read again ({error.message}). What follows is from {ago(wallMs() - (resource.atMs ?? 0))}.
        </p>
      ) : null}
      {children(data)}
    </>
  );
}

/** The time, renewed each second or so; only where a component shows an age. */
export function useNow(intervalMs = 1000): number {
  const [now, setNow] = useState(wallMs);
  useEffect(() => every(intervalMs, () => setNow(wallMs())), [intervalMs]);
  return now;
}

/** How old the knowledge is: what the coordinator said of its age, and what has passed here since. */
export function Fresh({ freshness, atMs }: { freshness: Freshness; atMs: number | null }) {
  const now = useNow();
  const age = freshness.ageMs === null ? null : freshness.ageMs + Math.max(0, now - (atMs ?? now));
  const stale = freshness.stale || age === null || age > 30_000;
  const what = age === null ? 'Not known yet' : stale ? `Out of date: as of ${ago(age)}` : `As of ${ago(age)}`;
  return (
    <span class={stale ? 'fresh stale' : 'fresh'}>
      {what}
      {freshness.why && stale ? ` – ${freshness.why}` : ''}
    </span>
  );
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

export function Fact({ name, children }: { name: ComponentChildren; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

export function Figure({ name, value, tone = '' }: { name: ComponentChildren; value: string; tone?: string }) {
  return (
    <div class={tone}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
