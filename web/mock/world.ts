/** A small made-up province for development: roads, regions and movers that drive. Not the demo of the platform. */
import names from './names.json' with { type: 'json' }

export type Two = { zh: string; en: string }
export const two = (pair: string[] | readonly string[]): Two => ({ zh: pair[0], en: pair[1] })

/** Deterministic numbers in [0, 1). */
export function random(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export const BOUNDS: [number, number, number, number] = [112.2, 26.1, 116.2, 29.1]
const [W, S, E, N] = BOUNDS
const rnd = random(7)

export interface MockRegion {
  code: string
  name: Two
  parent: string | null
  level: 'province' | 'city' | 'county'
  bbox: [number, number, number, number]
  center: [number, number]
}

function region(code: string, name: Two, parent: string | null, level: MockRegion['level'], bbox: [number, number, number, number]): MockRegion {
  return { code, name, parent, level, bbox, center: [(bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2] }
}

export const regions: MockRegion[] = [region(names.province[0], { zh: names.province[1], en: names.province[2] }, null, 'province', BOUNDS)]
const third = (E - W) / 3
names.cities.forEach(([code, zh, en], i) => {
  const w = W + third * i
  const box: [number, number, number, number] = [w, S, w + third, N]
  regions.push(region(code, { zh, en }, '99', 'city', box))
  names.counties.forEach(([suffix, zhc, enc], k) => {
    const half: [number, number, number, number] = [w + (k % 2) * (third / 2), S + Math.floor(k / 2) * ((N - S) / 2), w + ((k % 2) + 1) * (third / 2), S + (Math.floor(k / 2) + 1) * ((N - S) / 2)]
    regions.push(region(code + suffix, { zh: zhc, en: enc }, code, 'county', half))
  })
})

export function regionOf(lon: number, lat: number): string {
  const found = regions.find((item) => item.level === 'county' && lon >= item.bbox[0] && lon < item.bbox[2] && lat >= item.bbox[1] && lat < item.bbox[3])
  return found?.code ?? '99'
}

export interface Road {
  ref: string
  name: string
  class: 'motorway' | 'trunk' | 'county'
  line: [number, number][]
}

function wander(from: [number, number], to: [number, number], bend: number, steps: number): [number, number][] {
  const phase = rnd() * 6.28
  return Array.from({ length: steps + 1 }, (_, i) => {
    const f = i / steps
    const s = Math.sin(f * Math.PI) * bend * (Math.sin(f * 9 + phase) * 0.4 + Math.sin(f * 3 + phase))
    return [from[0] + (to[0] - from[0]) * f - (to[1] - from[1]) * s, from[1] + (to[1] - from[1]) * f + (to[0] - from[0]) * s]
  })
}

const at = (x: number, y: number): [number, number] => [W + (E - W) * x, S + (N - S) * y]
export const roads: Road[] = [
  { ref: 'G9901', name: 'G9901', class: 'motorway', line: wander(at(0.05, 0.3), at(0.86, 0.62), 0.08, 160) },
  { ref: 'G9902', name: 'G9902', class: 'motorway', line: wander(at(0.45, 0.05), at(0.5, 0.97), 0.06, 120) },
  ...[0.15, 0.4, 0.68, 0.9].map((y, i): Road => ({ ref: `S90${i + 1}`, name: `S90${i + 1}`, class: 'trunk', line: wander(at(0.04, y), at(0.85, 0.95 - y * 0.8), 0.1, 120) })),
  ...Array.from({ length: 26 }, (_, i): Road => ({ ref: `X${101 + i}`, name: `X${101 + i}`, class: 'county', line: wander(at(rnd() * 0.8, rnd()), at(rnd() * 0.85, rnd()), 0.15, 50) })),
]

export const LIMIT = { motorway: 95, trunk: 65, county: 45 }

export function roadsGeoJson(): object {
  return {
    type: 'FeatureCollection',
    features: roads.map((road) => ({ type: 'Feature', properties: { class: road.class, ref: road.ref }, geometry: { type: 'LineString', coordinates: road.line } })),
  }
}

export function regionsGeoJson(): object {
  return {
    type: 'FeatureCollection',
    features: regions.flatMap((item) => {
      const [w, s, e, n] = item.bbox
      const ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
      return [
        { type: 'Feature', properties: { level: item.level, name: item.name.zh }, geometry: { type: 'LineString', coordinates: ring } },
        { type: 'Feature', properties: { level: item.level, name: item.name.zh }, geometry: { type: 'Point', coordinates: item.center } },
      ]
    }),
  }
}

export function seaGeoJson(): object {
  const coast = Array.from({ length: 60 }, (_, i) => [W + (E - W) * (0.88 + Math.sin(i * 0.7) * 0.02 + Math.sin(i * 0.21) * 0.03), S - 1 + ((N - S + 2) * i) / 59])
  const ring = [...coast, [E + 4, N + 1], [E + 4, S - 1], coast[0]]
  return { type: 'FeatureCollection', features: [{ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } }] }
}

/** All movers as columns. */
export class Fleet {
  readonly urn: string[] = []
  readonly label: string[] = []
  readonly category: Uint8Array
  readonly road: Uint8Array
  readonly place: Float64Array
  readonly pace: Float64Array
  readonly lon: Float64Array
  readonly lat: Float64Array
  readonly heading: Uint16Array
  readonly speed: Uint16Array
  readonly state: Uint8Array
  readonly alarm: Uint8Array
  readonly time: Float64Array
  readonly region: string[] = []

  constructor(readonly count: number) {
    this.category = new Uint8Array(count)
    this.road = new Uint8Array(count)
    this.place = new Float64Array(count)
    this.pace = new Float64Array(count)
    this.lon = new Float64Array(count)
    this.lat = new Float64Array(count)
    this.heading = new Uint16Array(count)
    this.speed = new Uint16Array(count)
    this.state = new Uint8Array(count)
    this.alarm = new Uint8Array(count)
    this.time = new Float64Array(count)
    for (let i = 0; i < count; i += 1) {
      const electric = i % 7 === 0
      this.label.push(`${names.province_letter}·${electric ? 'D' : ''}${String(10000 + i).slice(-5)}`)
      this.urn.push(`urn:tongqu:vehicle:V${String(i).padStart(6, '0')}`)
      this.category[i] = [3, 3, 3, 0, 4, 5, 5, 1, 2, 3][Math.floor(rnd() * 10)]
      this.road[i] = Math.floor(rnd() ** 1.7 * roads.length)
      this.place[i] = rnd()
      this.state[i] = rnd() < 0.06 ? 2 : rnd() < 0.12 ? 1 : 0
      this.alarm[i] = rnd() < 0.012 ? 1 + Math.floor(rnd() * 3) : 0
      this.pace[i] = (rnd() < 0.5 ? -1 : 1) * LIMIT[roads[this.road[i]].class] * (0.7 + rnd() * 0.4)
      this.time[i] = Date.now() - (this.state[i] === 2 ? 600_000 + rnd() * 7_200_000 : 0)
      this.move(i, 0)
      this.region.push(regionOf(this.lon[i], this.lat[i]))
    }
  }

  move(i: number, seconds: number): void {
    const { line } = roads[this.road[i]]
    const moving = this.state[i] === 0
    if (moving) this.place[i] += (this.pace[i] * seconds) / 3600 / 260
    if (this.place[i] > 1 || this.place[i] < 0) {
      this.pace[i] = -this.pace[i]
      this.place[i] = Math.max(0, Math.min(1, this.place[i]))
    }
    const f = this.place[i] * (line.length - 1)
    const k = Math.min(line.length - 2, Math.floor(f))
    const [a, b] = [line[k], line[k + 1]]
    this.lon[i] = a[0] + (b[0] - a[0]) * (f - k)
    this.lat[i] = a[1] + (b[1] - a[1]) * (f - k)
    const turn = (Math.atan2((b[0] - a[0]) * Math.cos((a[1] * Math.PI) / 180), b[1] - a[1]) * 180) / Math.PI
    this.heading[i] = Math.round((this.pace[i] < 0 ? turn + 540 : turn + 360) % 360)
    this.speed[i] = moving ? Math.round(Math.abs(this.pace[i]) * 10) : 0
    if (this.state[i] < 2) this.time[i] = Date.now()
  }

  step(seconds: number): void {
    for (let i = 0; i < this.count; i += 1) this.move(i, seconds)
  }

  inside([w, s, e, n]: number[], region: string | null): number[] {
    const found: number[] = []
    for (let i = 0; i < this.count; i += 1) {
      if (this.lon[i] < w || this.lon[i] > e || this.lat[i] < s || this.lat[i] > n) continue
      if (region && !this.region[i].startsWith(region)) continue
      found.push(i)
    }
    return found
  }
}

export const fleet = new Fleet(Number(process.env.MOCK_MOVERS ?? 20_000))
setInterval(() => fleet.step(1), 1000).unref()
