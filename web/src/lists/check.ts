/** What is wrong with a value, in the words of the field. The server checks again; this is for the one who types. */
import type { Geometry } from 'geojson'
import type { Field } from '../api/types'
import { geometryProblem } from '../map/describe'
import { both, t } from '../text/catalogue'
import { number } from '../text/format'

export type Values = Record<string, unknown>

/** Problems of a whole form by the path of their field: `load`, `axles.0.load_t`. */
export function checkAll(fields: Field[], values: Values, path = ''): Record<string, string> {
  const found: Record<string, string> = {}
  for (const field of fields) {
    const at = path + field.name
    const value = values[field.name]
    const problem = check(field, value)
    if (problem) found[at] = problem
    if (field.type === 'group' && value && typeof value === 'object') Object.assign(found, checkAll(field.fields ?? [], value as Values, `${at}.`))
    if (field.type === 'groups' && Array.isArray(value)) value.forEach((item, i) => Object.assign(found, checkAll(field.fields ?? [], item as Values, `${at}.${i}.`)))
  }
  return found
}

/** The problem as a sentence, or an empty text. */
export function check(field: Field, value: unknown): string {
  const label = both(field.label)
  const empty = value === null || value === undefined || value === '' || (Array.isArray(value) && !value.length)
  if (empty) return field.required ? t('form.missing', { label }) : ''
  if (field.type === 'geometry') return geometryProblem(value as Geometry)
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
