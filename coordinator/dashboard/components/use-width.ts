/** The width of an element in CSS pixels, so that drawings can be laid out for it and text keeps its size. */
import { useEffect, useRef, useState } from 'preact/hooks';

/** @param aside what the page's frame takes of the window at about, for the first guess */
export function useWidth<T extends HTMLElement>(aside = 80) {
  const frame = useRef<T>(null);
  const [width, setWidth] = useState(() => Math.min(900, Math.max(260, window.innerWidth - aside)));
  useEffect(() => {
    if (!frame.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(240, Math.round(entry.contentRect.width)));
    });
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
