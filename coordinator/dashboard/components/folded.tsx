/** Something that is only made when it is opened. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

interface FoldedProps {
  title: ComponentChildren;
  className?: string;
  openAtFirst?: boolean;
  children: () => ComponentChildren;
}

export function Folded({ title, className, openAtFirst = false, children }: FoldedProps) {
  const [open, setOpen] = useState(openAtFirst);
  return (
    <details class={className} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {open ? children() : null}
    </details>
  );
}
