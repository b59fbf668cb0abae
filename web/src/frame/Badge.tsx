import type { JSX } from 'react'

/** Says on every page that the data are made up. */
export function Badge({ text }: { text: string }): JSX.Element | null {
  return text ? (
    <span className="tq-badge" role="note">
      {text}
    </span>
  ) : null
}
