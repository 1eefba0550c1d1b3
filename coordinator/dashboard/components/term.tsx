/** A term with its explanation: shown on hover and focus, and the document one click away. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { glossary, type TermName } from '../logic/glossary.js';
import { documentHref } from './document-link.js';

export function Term({ name, children }: { name: TermName; children?: ComponentChildren }) {
  return (
    <a class="term" href={documentHref(glossary[name].document)} target="gregor-docs" data-term={name}>
      {children ?? name}
    </a>
  );
}

interface Shown {
  target: HTMLElement;
  text: string;
}

function termAt(target: EventTarget | null): Shown | null {
  const term = target instanceof Element ? target.closest<HTMLElement>('[data-term]') : null;
  const name = term?.dataset['term'];
  return term && name && name in glossary ? { target: term, text: glossary[name as TermName].text } : null;
}

/** Puts the explanation below the term, or above where there is no room, and inside the window. */
function placeTip(tip: HTMLElement, target: HTMLElement): void {
  const at = target.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, window.innerWidth - size.width - 8));
  const below = at.bottom + 6 + size.height < window.innerHeight;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? at.bottom + 6 : at.top - size.height - 6}px`;
}

/** The one place where explanations appear; stands at the end of the page. */
export function Tips() {
  const [shown, setShown] = useState<Shown | null>(null);
  const tip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const enter = ({ target }: Event) => setShown(termAt(target));
    const leave = () => setShown(null);
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') leave();
    };
    const pairs: [string, (event: Event) => void][] = [
      ['pointerover', enter],
      ['focusin', enter],
      ['focusout', leave],
      ['scroll', leave],
      ['keydown', onKey as (event: Event) => void],
    ];
    for (const [type, listener] of pairs) document.addEventListener(type, listener, true);
    return () => {
      for (const [type, listener] of pairs) document.removeEventListener(type, listener, true);
    };
  }, []);
  useEffect(() => {
    const element = tip.current;
    if (!shown || !element) return;
    // A popover stands above everything, dialogs included.
    element.showPopover();
    placeTip(element, shown.target);
    shown.target.setAttribute('aria-describedby', 'tip');
    return () => {
      element.hidePopover();
      shown.target.removeAttribute('aria-describedby');
    };
  }, [shown]);
  return (
    <div class="tip" id="tip" role="tooltip" popover="manual" ref={tip}>
      {shown?.text}
    </div>
  );
}
