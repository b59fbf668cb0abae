import { describe, expect, it } from 'vitest'
import { extent, tick } from '../src/parts/chart/values'

describe('charts over time', () => {
  it('reach over lines, baseline and band, unless the page says from when to when', () => {
    const lines = [{ id: 'a', name: 'a', points: [[10, 1], [20, null]] as [number, number | null][] }]
    const band = { name: 'b', points: [[25, 0, 1]] as [number, number, number][] }
    expect(extent({ lines, band, baseline: { id: 'c', name: 'c', points: [[5, 1]] } })).toEqual([5, 25])
    expect(extent({ lines, band, from_ms: 0, to_ms: 100 })).toEqual([0, 100])
  })

  it('write on the axis what the extent needs', () => {
    const clock = '2026-03-01 08:15:09'
    expect(tick(clock, 60_000)).toBe('08:15:09')
    expect(tick(clock, 86_400_000)).toBe('08:15')
    expect(tick('2026-03-01 00:00:00', 3 * 86_400_000)).toBe('03-01')
    expect(tick(clock, 30 * 86_400_000)).toBe('03-01')
    expect(tick(clock, 500 * 86_400_000)).toBe('2026-03')
  })
})
