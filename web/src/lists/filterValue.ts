/**
 * A filter in the address: `~part` of a text, `low..high` of numbers and times, several values with commas; each as
 * the list routes take it.
 */
import type { Column } from '../api/types'

export type FilterKind = 'text' | 'options' | 'boolean' | 'region' | 'thing' | 'number' | 'time'

/** The control that a column is filtered by. */
export function filterKind(column: Column): FilterKind {
  if (column.options?.length) return 'options'
  if (column.type === 'boolean') return 'boolean'
  if (column.type === 'region') return 'region'
  if (column.type === 'urn') return 'thing'
  if (column.type === 'integer' || column.type === 'number') return 'number'
  return column.type === 'time' ? 'time' : 'text'
}

/** Low and high end of `low..high`; null where one is open or no number. */
export function readRange(value: string | null): [number | null, number | null] {
  if (!value) return [null, null]
  const parts = value.includes('..') ? value.split('..', 2) : [value, value]
  const [low, high] = parts.map((part) => (part !== '' && Number.isFinite(Number(part)) ? Number(part) : null))
  return [low ?? null, high ?? null]
}

/** `low..high`, or null when both ends are open. */
export function writeRange(low: number | null, high: number | null): string | null {
  return low === null && high === null ? null : `${low ?? ''}..${high ?? ''}`
}

/** The values of a filter as they are sent: options may be several, everything else is one. */
export function sent(column: Column, value: string): string | string[] {
  return filterKind(column) === 'options' && value.includes(',') ? value.split(',') : value
}
