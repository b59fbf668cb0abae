/** A paint value of an opacity, times `k`. Zoom expressions must stay on top, so their outputs are scaled instead. */
export function scaled(value: unknown, k: number): unknown {
  if (value === undefined || value === null) return k
  if (typeof value === 'number') return value * k
  if (Array.isArray(value)) {
    const [operator] = value as unknown[]
    if (operator === 'interpolate') return value.map((x, i) => (i > 3 && i % 2 === 0 ? scaled(x, k) : x))
    if (operator === 'step') return value.map((x, i) => (i >= 2 && i % 2 === 0 ? scaled(x, k) : x))
    return ['*', k, value]
  }
  return value
}
