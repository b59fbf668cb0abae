/** The place at the bottom of the map where a page puts its time line or chart. */
import type { JSX, ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { usePhone } from '../parts/hooks'
import { store, useStore } from '../state/store'

export const bottomSlot = store<HTMLElement | null>(null)

/** Under the map on a desk, in the flow of the sheet on a phone. */
export function Bottom({ children, label }: { children: ReactNode; label: string }): JSX.Element | null {
  const phone = usePhone()
  const slot = useStore(bottomSlot)
  const panel = (
    <section className="tq-bottom-panel" aria-label={label}>
      {children}
    </section>
  )
  if (phone) return panel
  return slot ? createPortal(panel, slot) : null
}
