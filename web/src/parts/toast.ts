/** Short notices at the edge of the map: what has just happened, and one thing to do about it. */
import { store } from '../state/store'

export interface Toast {
  /** A notice with the key of another takes its place. */
  key: string
  title: string
  text?: string
  tone?: 'plain' | 'good' | 'bad' | 'alarm'
  /** Where it leads; it is opened by a click. */
  open?: () => void
  /** The words of that. */
  action?: string
  /** Stays until it is closed. */
  stays?: boolean
}

export const toasts = store<Toast[]>([])
const LASTS_MS = 8000
const MOST = 4
const timers = new Map<string, ReturnType<typeof setTimeout>>()

export function toast(made: Toast): void {
  toasts.set((now) => [...now.filter((item) => item.key !== made.key), made].slice(-MOST))
  rest(made.key)
  if (!made.stays) timers.set(made.key, setTimeout(() => dismiss(made.key), LASTS_MS))
}

/** The pointer is on it: it does not go away. */
export function rest(key: string): void {
  clearTimeout(timers.get(key))
  timers.delete(key)
}

export function dismiss(key: string): void {
  rest(key)
  toasts.set((now) => now.filter((item) => item.key !== key))
}
