import { describe, expect, it } from 'vitest'
import { Movers, tally, emptyTally } from '../src/live/movers'
import { Slots } from '../src/live/slots'

interface Fix {
  key: number
  lon: number
  lat: number
  speed_kmh?: number
  heading_deg?: number
  category?: number
  state?: number
  alarm?: number
  age_s?: number
}

/** A frame written field by field after the layout in the contract, independent of the reader. */
function frame(kind: number, fixes: Fix[], removed: number[] = []): ArrayBuffer {
  const buffer = new ArrayBuffer(24 + fixes.length * 20 + removed.length * 4)
  const view = new DataView(buffer)
  view.setUint32(0, 0x31564d54, true)
  view.setUint8(4, kind)
  view.setFloat64(8, 1_700_000_000_000, true)
  view.setUint32(16, fixes.length, true)
  view.setUint32(20, removed.length, true)
  fixes.forEach((fix, i) => {
    const at = 24 + i * 20
    view.setUint32(at, fix.key, true)
    view.setInt32(at + 4, Math.round(fix.lon * 1e7), true)
    view.setInt32(at + 8, Math.round(fix.lat * 1e7), true)
    view.setUint16(at + 12, Math.round((fix.speed_kmh ?? 0) * 10), true)
    view.setUint16(at + 14, fix.heading_deg ?? 0, true)
    view.setUint8(at + 16, fix.category ?? 0)
    view.setUint8(at + 17, fix.state ?? 0)
    view.setUint8(at + 18, fix.alarm ?? 0)
    view.setUint8(at + 19, fix.age_s ?? 0)
  })
  removed.forEach((key, i) => view.setUint32(24 + fixes.length * 20 + i * 4, key, true))
  return buffer
}

describe('live frames', () => {
  it('keeps a position to a centimetre and every mark of it', () => {
    const movers = new Movers(2)
    movers.apply(frame(1, [{ key: 0xfffffffe, lon: -113.1234567, lat: -27.7654321, speed_kmh: 6553.5, heading_deg: 359, category: 255, state: 2, alarm: 3, age_s: 255 }]))
    const slot = movers.slot(0xfffffffe)
    expect(movers.lon(slot)).toBeCloseTo(-113.1234567, 7)
    expect(movers.lat(slot)).toBeCloseTo(-27.7654321, 7)
    expect(movers.speed[slot]).toBe(65535)
    expect([...movers.marks.subarray(slot * 4, slot * 4 + 4)]).toEqual([179, 2, 3, 255])
    expect(movers.age[slot]).toBe(255)
  })

  it('a delta moves those it names, leaves the others, and takes out what is gone', () => {
    const movers = new Movers(2)
    movers.apply(frame(1, [1, 2, 3, 4, 5].map((key) => ({ key, lon: key, lat: key }))))
    movers.apply(frame(2, [{ key: 5, lon: 50, lat: 51 }], [1, 4, 99]))
    expect(movers.count).toBe(3)
    expect(movers.slot(1)).toBe(-1)
    expect([2, 3, 5].map((key) => movers.lon(movers.slot(key)))).toEqual([2, 3, 50])
    expect(new Set([2, 3, 5].map((key) => movers.slot(key)))).toEqual(new Set([0, 1, 2]))
  })

  it('a snapshot replaces everything; density replaces movers and movers density', () => {
    const movers = new Movers(2)
    movers.apply(frame(1, [{ key: 1, lon: 1, lat: 1 }]))
    movers.apply(frame(1, [{ key: 2, lon: 2, lat: 2 }]))
    expect([movers.count, movers.slot(1)]).toEqual([1, -1])
    const cells = new ArrayBuffer(24 + 16)
    const view = new DataView(cells)
    view.setUint32(0, 0x31564d54, true)
    view.setUint8(4, 3)
    view.setUint32(16, 1, true)
    view.setInt32(24, 1_130_000_000, true)
    view.setInt32(28, 270_000_000, true)
    view.setUint32(32, 4_000_000_000, true)
    view.setUint32(36, 7, true)
    movers.apply(cells)
    expect([movers.count, movers.cells?.total, movers.cells?.alarm_total]).toEqual([0, 4_000_000_000, 7])
    expect(movers.cells?.lonlat[0]).toBeCloseTo(113, 5)
    movers.apply(frame(2, [{ key: 9, lon: 9, lat: 9 }]))
    expect([movers.count, movers.cells]).toEqual([1, null])
  })

  it('refuses what is not a frame and keeps what it has', () => {
    const movers = new Movers(2)
    movers.apply(frame(1, [{ key: 1, lon: 1, lat: 1 }]))
    const whole = frame(1, [{ key: 2, lon: 2, lat: 2 }])
    expect(() => movers.apply(whole.slice(0, whole.byteLength - 1))).toThrow(RangeError)
    expect(() => movers.apply(new ArrayBuffer(3))).toThrow(RangeError)
    expect(() => movers.apply(frame(7, []))).toThrow(RangeError)
    expect([movers.count, movers.slot(1)]).toEqual([1, 0])
  })

  it('counts by category and state', () => {
    const movers = new Movers(2)
    movers.apply(frame(1, [{ key: 1, lon: 0, lat: 0, category: 3 }, { key: 2, lon: 0, lat: 0, category: 3, state: 2, alarm: 1 }, { key: 3, lon: 0, lat: 0, category: 4, state: 1 }]))
    const made = tally(movers, emptyTally())
    expect([made.total, made.alarms, made.by[9], made.by[11], made.by[13]]).toEqual([3, 1, 1, 1, 1])
  })
})

describe('slots', () => {
  it('agrees with a Map through any mixture of sets and deletes', () => {
    let seed = 11
    const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32
    const slots = new Slots(4)
    const model = new Map<number, number>()
    for (let step = 0; step < 30_000; step += 1) {
      const key = Math.floor(random() * 900) * 4_771_127
      if (random() < 0.55) {
        slots.set(key >>> 0, step)
        model.set(key >>> 0, step)
      } else {
        slots.delete(key >>> 0)
        model.delete(key >>> 0)
      }
    }
    expect(slots.size).toBe(model.size)
    for (let k = 0; k < 900; k += 1) expect(slots.get((k * 4_771_127) >>> 0)).toBe(model.get((k * 4_771_127) >>> 0) ?? -1)
  })
})
