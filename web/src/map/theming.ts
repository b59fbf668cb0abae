import { language } from '../text/catalogue'
import { color } from '../theme/theme'

/** Replace `@token` colours, however deep they stand. */
export function themed<T>(value: T): T {
  if (typeof value === 'string') return (value.startsWith('@') ? color(value) : value) as T
  if (Array.isArray(value)) return value.map(themed) as T
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, themed(v)])) as T
  return value
}

/** Names on the map in the page's language, where the features carry both. */
export function named(value: unknown): unknown {
  if (language() === 'zh' || !Array.isArray(value)) return value
  if (value[0] === 'get' && value[1] === 'name') return ['case', ['to-boolean', ['get', 'name_en']], ['get', 'name_en'], ['get', 'name']]
  return value.map(named)
}
