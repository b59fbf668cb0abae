/** A value of a row in words, by the type that its column declares. */
import type { Column, Field } from '../api/types'
import type { Geometry } from 'geojson'
import { sayGeometry } from '../map/describe'
import { both, t } from '../text/catalogue'
import { dateTime } from '../text/format'

export type RegionName = (code: string | null | undefined) => string

/** `plain` writes numbers without grouping, for files. */
export function cell(column: Pick<Column | Field, 'type' | 'options'>, value: unknown, regionName: RegionName, plain = false): string {
  if (value === null || value === undefined || value === '') return ''
  if (Array.isArray(value)) return value.map((item) => cell(column, item, regionName, plain)).join(', ')
  const option = column.options?.find((item) => item.value === value || String(item.value) === String(value))
  if (option) return both(option.label)
  switch (column.type) {
    case 'integer':
    case 'number':
      if (plain) return String(value)
      return typeof value === 'number' ? value.toLocaleString(undefined, { maximumFractionDigits: 3 }) : String(value)
    case 'boolean':
      return t(value ? 'action.yes' : 'action.no')
    case 'time':
      return typeof value === 'number' ? dateTime(value) : String(value)
    case 'geometry':
      return typeof value === 'object' && 'type' in value ? sayGeometry(value as Geometry) : String(value)
    case 'region':
      return regionName(String(value))
    default:
      if (typeof value === 'object') return both(value as { zh: string; en: string }) || JSON.stringify(value)
      return String(value)
  }
}
