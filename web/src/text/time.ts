import { fromInput, toInput } from './format'

const FORM = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/

/** The instant of a typed text; null for an empty one, NaN for one that is no time. */
export function readTime(text: string): number | null {
  if (!text.trim()) return null
  const found = FORM.exec(text.trim())
  if (!found) return Number.NaN
  const [, year, month, day, hour = '0', minute = '0', second = '0'] = found
  const made = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${hour.padStart(2, '0')}:${minute}:${second}`
  const instant = fromInput(made)
  return Number.isFinite(instant) && toInput(instant) === made ? instant : Number.NaN
}
