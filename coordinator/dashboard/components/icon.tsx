/** Line icons, drawn here so that nothing is fetched. They are decoration: words say the same beside them. */

const paths = {
  overview: 'M3 11l9-7 9 7M6 9.5V20h12V9.5',
  topics: 'M4 6h16M4 12h16M4 18h10',
  groups:
    'M9 11a3 3 0 100-6 3 3 0 000 6zM3 20c0-3.3 2.7-6 6-6s6 2.7 6 6M16 5.5a3 3 0 010 5.5M18 14.5c1.9.8 3 2.9 3 5.5',
  znodes: 'M5 4v16M5 8h6M5 16h6M13 6h6v4h-6zM13 14h6v4h-6z',
  timeline: 'M3 6h8M8 12h10M13 18h8',
  events: 'M4 5h16v14H4zM8 9h8M8 13h8M8 17h4',
  faults: 'M13 2L4 14h7l-1 8 9-12h-7z',
  lessons: 'M12 5L2 10l10 5 10-5zM6 12.5V18c3 2 9 2 12 0v-5.5',
  documents: 'M6 3h9l4 4v14H6zM14 3v5h5',
  healthy: 'M4 12.5l5 5L20 6.5',
  degraded: 'M12 3l10 18H2zM12 10v5M12 18v.5',
  unhealthy: 'M5 5l14 14M19 5L5 19',
  unknown: 'M9 9a3 3 0 116 0c0 2-3 2.5-3 5M12 18v.5',
  info: 'M12 11v7M12 6v.5',
  crown: 'M3 8l4.5 4L12 5l4.5 7L21 8l-2 11H5z',
  sun: 'M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5',
  close: 'M6 6l12 12M18 6L6 18',
  play: 'M7 4l13 8-13 8z',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false">
      <path
        d={paths[name]}
        fill={name === 'crown' || name === 'play' ? 'currentColor' : 'none'}
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
