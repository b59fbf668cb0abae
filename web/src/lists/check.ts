/** What is wrong with a value, in the words of the field. The server checks again; this is for the one who types. */
import type { Field } from '../api/types'
import { both, t } from '../text/catalogue'
import { number } from '../text/format'

export type Values = Record<string, unknown>

/** The problem as a sentence, or an empty text. */
export function check(field: Field, value: unknown): string {
  const label = both(field.label)
  const empty = value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length)
  if (empty) return field.required ? t('form.missing', { label }) : ''
  if (field.type === 'integer' || field.type === 'number') {
    const n = Number(value)
    if (!Number.isFinite(n)) return t('form.not_number', { label })
    if (field.type === 'integer' && !Number.isInteger(n)) return t('form.not_integer', { label })
    if (typeof field.min === 'number' && n < field.min) return t('form.too_small', { label, min: number(field.min) })
    if (typeof field.max === 'number' && n > field.max) return t('form.too_large', { label, max: number(field.max) })
    return ''
  }
  if (typeof value === 'string') {
    if (typeof field.min_length === 'number' && value.length < field.min_length) return t('form.too_short', { label, min: field.min_length })
    if (typeof field.max_length === 'number' && value.length > field.max_length) return t('form.too_long', { label, max: field.max_length })
    if (field.pattern && !new RegExp(`^(?:${field.pattern})$`, 'u').test(value)) return both(field.help) || t('form.pattern', { label })
  }
  return ''
}
