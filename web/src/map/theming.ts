import { color } from '../theme/theme'

/** Replace `@token` colours, however deep they stand. */
export function themed<T>(value: T): T {
  if (typeof value === 'string') return (value.startsWith('@') ? color(value) : value) as T
  if (Array.isArray(value)) return value.map(themed) as T
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, themed(v)])) as T
  return value
}
