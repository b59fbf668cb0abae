/** Keys that do something now; the sheet of keys (`?`) lists them. */
import { useEffect } from 'react'
import { store } from '../state/store'
import { useKey } from './hooks'

export interface Shortcut {
  /** As shown: `a`, `Shift J`. */
  keys: string
  /** What it does, in words. */
  text: string
}

export const shortcuts = store<Shortcut[]>([])

/**
 * A key that a page takes while it is open, and that the sheet of keys names.
 *
 * @param key as `KeyboardEvent.key`, a single letter in lower case.
 */
export function useShortcut(key: string, text: string, act: (event: KeyboardEvent) => void, enabled = true): void {
  useKey((event) => enabled && event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey, (event) => {
    event.preventDefault()
    act(event)
  })
  useEffect(() => {
    if (!enabled) return
    const mine: Shortcut = { keys: key, text }
    shortcuts.set((now) => [...now, mine])
    return () => shortcuts.set((now) => now.filter((item) => item !== mine))
  }, [key, text, enabled])
}
