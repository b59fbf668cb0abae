import { describe, expect, it } from 'vitest'
import type { TrackColumns } from '../src/api/types'
import { GAP_MS, lastAtOrBefore, momentOf, speedClass } from '../src/map/trackMath'
import { scaled } from '../src/map/scaling'

const track = (time_ms: number[], lon: number[]): TrackColumns => ({
  time_ms,
  lon,
  lat: lon.map(() => 30),
  speed_kmh: lon.map(() => 0),
  heading_deg: lon.map(() => 90),
  altitude_m: lon.map(() => 0),
  alarm: lon.map(() => 0),
  status: lon.map(() => 0),
  flags: lon.map(() => 0),
  frame: lon.map(() => null),
})

describe('a moment on a track', () => {
  it('lies between two points in proportion to time', () => {
    expect(momentOf(track([0, 10_000], [110, 112]), 2_500)?.lon).toBeCloseTo(110.5)
  })
  it('stays at the last point through a gap, and after the end', () => {
    expect(momentOf(track([0, GAP_MS + 1], [110, 112]), 5_000)?.lon).toBe(110)
    expect(momentOf(track([0, 1000], [110, 112]), 9_999)?.lon).toBe(112)
  })
  it('is nowhere before the first point', () => expect(momentOf(track([1000], [110]), 999)).toBeNull())
  it('finds the last of equal times', () => expect([lastAtOrBefore([1, 2, 2, 3], 2), lastAtOrBefore([], 2), lastAtOrBefore([3], 2)]).toEqual([2, -1, -1]))
})

describe('speed classes', () => {
  it('an edge belongs to the class above it', () => expect([0, 19.9, 20, 99.9, 100, 250].map(speedClass)).toEqual([0, 0, 1, 4, 5, 5]))
})

describe('opacity of a layer', () => {
  it('scales what comes out of a zoom curve and leaves its stops', () => {
    expect(scaled(['interpolate', ['linear'], ['zoom'], 5, 1, 12, 0.8], 0.5)).toEqual(['interpolate', ['linear'], ['zoom'], 5, 0.5, 12, 0.4])
    expect(scaled(['step', ['zoom'], 0, 8, 1], 0.5)).toEqual(['step', ['zoom'], 0, 8, 0.5])
  })
  it('multiplies other expressions and plain numbers', () => {
    expect(scaled(['get', 'o'], 0.5)).toEqual(['*', 0.5, ['get', 'o']])
    expect([scaled(0.6, 0.5), scaled(undefined, 0.5)]).toEqual([0.3, 0.5])
  })
})
