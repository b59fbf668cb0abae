/**
 * The movers in view as a structure of arrays, fed in place by the binary frames of `movers/live`.
 *
 * Frame, little-endian. Header 24 B: magic u32 "TMV1", kind u8 (1 snapshot, 2 delta, 3 density), flags u8, reserved
 * u16, at_ms f64, count u32, removed u32. Kinds 1 and 2: `count` records of 20 B: key u32, lon i32 and lat i32 in
 * 1e-7 degrees, speed u16 in 0.1 km/h, heading u16 in degrees, category u8, state u8, alarm u8, age u8 in s; then
 * `removed` keys u32. Kind 3: `count` cells of 16 B: lon i32, lat i32, count u32, alarms u32.
 */
import { Slots } from './slots'

export const MAGIC = 0x31564d54
export const HEADER_BYTES = 24
export const RECORD_BYTES = 20
export const CELL_BYTES = 16
export const STATES = 3
const CATEGORIES = 256

export type FrameKind = 'snapshot' | 'delta' | 'density'

export interface Applied {
  kind: FrameKind
  at_ms: number
  records: number
  removed: number
}

export class Movers {
  count = 0
  capacity: number
  keys: Uint32Array
  /** Four for each: lon, lat in degrees rounded to 32 bits, then what the rounding lost of each. */
  places: Float32Array
  /** heading in 2 degrees, state, device alarm level, category. */
  marks: Uint8Array
  speed: Uint16Array
  age: Uint8Array
  /** Set while the server sends density instead of movers. */
  cells: Cells | null = null
  at_ms = 0
  private slots = new Slots(4096)

  constructor(capacity = 4096) {
    this.capacity = capacity
    this.keys = new Uint32Array(capacity)
    this.places = new Float32Array(capacity * 4)
    this.marks = new Uint8Array(capacity * 4)
    this.speed = new Uint16Array(capacity)
    this.age = new Uint8Array(capacity)
  }

  slot(key: number): number {
    return this.slots.get(key)
  }

  lon(slot: number): number {
    return this.places[slot * 4] + this.places[slot * 4 + 2]
  }

  lat(slot: number): number {
    return this.places[slot * 4 + 1] + this.places[slot * 4 + 3]
  }

  clear(): void {
    this.count = 0
    this.cells = null
    this.slots.clear()
  }

  /** Take one frame in. A buffer that is not a frame of this version is an error, never half applied. */
  apply(buffer: ArrayBuffer): Applied {
    const view = new DataView(buffer)
    if (buffer.byteLength < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw new RangeError('not a frame of movers')
    const kind = view.getUint8(4)
    const at_ms = view.getFloat64(8, true)
    const count = view.getUint32(16, true)
    const removed = view.getUint32(20, true)
    const size = HEADER_BYTES + (kind === 3 ? count * CELL_BYTES : count * RECORD_BYTES + removed * 4)
    if (kind < 1 || kind > 3 || buffer.byteLength < size) throw new RangeError(`frame of kind ${kind} is cut short`)
    this.at_ms = at_ms
    if (kind === 3) {
      this.clear()
      this.cells = readCells(buffer, count)
      return { kind: 'density', at_ms, records: count, removed: 0 }
    }
    if (kind === 1) this.clear()
    this.cells = null
    this.reserve(this.count + count)
    this.read(buffer, count)
    if (removed) this.drop(new Uint32Array(buffer, HEADER_BYTES + count * RECORD_BYTES, removed))
    return { kind: kind === 1 ? 'snapshot' : 'delta', at_ms, records: count, removed }
  }

  private read(buffer: ArrayBuffer, count: number): void {
    const words = new Int32Array(buffer, HEADER_BYTES, count * 5)
    const { keys, places, marks, speed, age, slots } = this
    for (let i = 0, w = 0; i < count; i += 1, w += 5) {
      const key = words[w] >>> 0
      let slot = slots.get(key)
      if (slot < 0) {
        slot = this.count
        this.count += 1
        keys[slot] = key
        slots.set(key, slot)
      }
      const lon = words[w + 1] * 1e-7
      const lat = words[w + 2] * 1e-7
      const m = slot * 4
      places[m] = lon
      places[m + 1] = lat
      places[m + 2] = lon - places[m]
      places[m + 3] = lat - places[m + 1]
      const motion = words[w + 3]
      const rest = words[w + 4]
      speed[slot] = motion & 0xffff
      marks[m] = ((motion >>> 16) % 360) >> 1
      marks[m + 1] = (rest >>> 8) & 0xff
      marks[m + 2] = (rest >>> 16) & 0xff
      marks[m + 3] = rest & 0xff
      age[slot] = rest >>> 24
    }
  }

  /** Take a whole picture given as columns (a moment of the past) in place of what is there. */
  load(columns: MoverPicture, at_ms: number, category: (value: number | string, i: number) => number): void {
    this.clear()
    this.at_ms = at_ms
    const n = columns.key.length
    this.reserve(n)
    for (let i = 0; i < n; i += 1) {
      const { places } = this
      this.keys[i] = columns.key[i]
      this.slots.set(columns.key[i], i)
      places.set([columns.lon[i], columns.lat[i]], i * 4)
      places.set([columns.lon[i] - places[i * 4], columns.lat[i] - places[i * 4 + 1]], i * 4 + 2)
      this.marks.set([(columns.heading_deg[i] % 360) >> 1, columns.state[i], columns.alarm[i], category(columns.category[i], i)], i * 4)
      this.speed[i] = Math.round(columns.speed_kmh[i] * 10)
      this.age[i] = Math.max(0, Math.min(255, Math.round((at_ms - columns.time_ms[i]) / 1000)))
    }
    this.count = n
  }

  /** The last mover takes the place of the one that leaves. */
  private drop(gone: Uint32Array): void {
    for (const key of gone) {
      const slot = this.slots.get(key)
      if (slot < 0) continue
      this.slots.delete(key)
      this.count -= 1
      const last = this.count
      if (slot === last) continue
      this.keys[slot] = this.keys[last]
      this.places.copyWithin(slot * 4, last * 4, last * 4 + 4)
      this.marks.copyWithin(slot * 4, last * 4, last * 4 + 4)
      this.speed[slot] = this.speed[last]
      this.age[slot] = this.age[last]
      this.slots.set(this.keys[slot], slot)
    }
  }

  private reserve(wanted: number): void {
    if (wanted <= this.capacity) return
    let capacity = this.capacity
    while (capacity < wanted) capacity *= 2
    const grow = <A extends Uint8Array | Uint16Array | Uint32Array | Float32Array>(made: A, from: A): A => {
      ;(made as Uint8Array).set(from as Uint8Array)
      return made
    }
    this.keys = grow(new Uint32Array(capacity), this.keys)
    this.places = grow(new Float32Array(capacity * 4), this.places)
    this.marks = grow(new Uint8Array(capacity * 4), this.marks)
    this.speed = grow(new Uint16Array(capacity), this.speed)
    this.age = grow(new Uint8Array(capacity), this.age)
    this.capacity = capacity
  }
}

export interface MoverPicture {
  key: number[]
  lon: number[]
  lat: number[]
  speed_kmh: number[]
  heading_deg: number[]
  time_ms: number[]
  state: number[]
  alarm: number[]
  category: (number | string)[]
}

export interface Cells {
  length: number
  lonlat: Float32Array
  count: Float32Array
  alarms: Float32Array
  total: number
  alarm_total: number
  most: number
  /** Distance of neighbouring cells in degrees; 0 when there is but one column. */
  step_deg: number
}

function readCells(buffer: ArrayBuffer, length: number): Cells {
  const words = new Int32Array(buffer, HEADER_BYTES, length * 4)
  const cells: Cells = {
    length,
    lonlat: new Float32Array(length * 2),
    count: new Float32Array(length),
    alarms: new Float32Array(length),
    total: 0,
    alarm_total: 0,
    most: 0,
    step_deg: 0,
  }
  for (let i = 0; i < length; i += 1) {
    const count = words[i * 4 + 2] >>> 0
    const alarms = words[i * 4 + 3] >>> 0
    cells.lonlat[i * 2] = words[i * 4] * 1e-7
    cells.lonlat[i * 2 + 1] = words[i * 4 + 1] * 1e-7
    cells.count[i] = count
    cells.alarms[i] = alarms
    cells.total += count
    cells.alarm_total += alarms
    if (count > cells.most) cells.most = count
  }
  cells.step_deg = leastStep(words, length) * 1e-7
  return cells
}

/** Smallest distance between two columns of cells, 1e-7 degrees. */
function leastStep(words: Int32Array, length: number): number {
  const columns = new Int32Array(length)
  for (let i = 0; i < length; i += 1) columns[i] = words[i * 4]
  columns.sort()
  let least = 0
  for (let i = 1; i < length; i += 1) {
    const step = columns[i] - columns[i - 1]
    if (step > 0 && (least === 0 || step < least)) least = step
  }
  return least
}

/** How many of each category in each state are in view, and how many carry a device alarm. */
export interface Tally {
  total: number
  alarms: number
  /** [category * STATES + state] */
  by: Uint32Array
}

export const emptyTally = (): Tally => ({ total: 0, alarms: 0, by: new Uint32Array(CATEGORIES * STATES) })

/** Within a box (west, south, east, north), else all. */
export function tally(movers: Movers, into: Tally, box?: readonly [number, number, number, number]): Tally {
  into.by.fill(0)
  into.alarms = 0
  into.total = 0
  const { marks, count, places, cells } = movers
  const [w, s, e, n] = box ?? [-180, -90, 180, 90]
  for (let i = 0; cells && i < cells.length; i += 1) {
    if (cells.lonlat[i * 2] < w || cells.lonlat[i * 2] > e || cells.lonlat[i * 2 + 1] < s || cells.lonlat[i * 2 + 1] > n) continue
    into.total += cells.count[i]
    into.alarms += cells.alarms[i]
  }
  for (let m = 0; m < count * 4; m += 4) {
    if (places[m] < w || places[m] > e || places[m + 1] < s || places[m + 1] > n) continue
    into.total += 1
    const state = marks[m + 1]
    into.by[marks[m + 3] * STATES + (state < STATES ? state : STATES - 1)] += 1
    if (marks[m + 2]) into.alarms += 1
  }
  return into
}
