import type { JSX } from 'react'

/** Sheets on each other: the layers of the map. */
export function LayersIcon(): JSX.Element {
  return (
    <span className="anticon" aria-hidden="true">
      <svg viewBox="0 0 24 24" width="1em" height="1em" fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round">
        <path d="m12 3 9 5-9 5-9-5zM3 12.5l9 5 9-5M3 17l9 5 9-5" />
      </svg>
    </span>
  )
}
