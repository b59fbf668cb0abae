/** Arithmetic of shapes on the map, without any drawing. */
import type { Feature, Geometry, Position } from 'geojson'

/** West, south, east, north in degrees. */
export type Box = [number, number, number, number]

const EARTH_RADIUS_M = 6_371_008.8
const RAD = Math.PI / 180

/** Great-circle distance in m of two places in degrees. */
export function distance_m(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const a = Math.sin(((lat2 - lat1) * RAD) / 2) ** 2 + Math.cos(lat1 * RAD) * Math.cos(lat2 * RAD) * Math.sin(((lon2 - lon1) * RAD) / 2) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(a))
}

function eachPlace(geometry: Geometry | null, see: (place: Position) => void): void {
  if (!geometry) return
  if (geometry.type === 'GeometryCollection') for (const part of geometry.geometries) eachPlace(part, see)
  else {
    const walk = (value: unknown): void => {
      if (Array.isArray(value) && typeof value[0] === 'number') see(value as Position)
      else if (Array.isArray(value)) for (const one of value) walk(one)
    }
    walk(geometry.coordinates)
  }
}

/** The box around all places of some features; null when there are none. */
export function box(features: Feature[]): Box | null {
  const made: Box = [180, 90, -180, -90]
  for (const { geometry } of features) {
    eachPlace(geometry, ([lon, lat]) => {
      made[0] = Math.min(made[0], lon)
      made[1] = Math.min(made[1], lat)
      made[2] = Math.max(made[2], lon)
      made[3] = Math.max(made[3], lat)
    })
  }
  return made[0] > made[2] ? null : made
}

/** How many places a geometry has. */
export function places(geometry: Geometry | null): number {
  let n = 0
  eachPlace(geometry, () => {
    n += 1
  })
  return n
}

/** A circle as a polygon of `sides` corners. */
export function circlePolygon(lon: number, lat: number, radius_m: number, sides = 48): Geometry {
  const dLat = radius_m / EARTH_RADIUS_M / RAD
  const dLon = dLat / Math.cos(lat * RAD)
  const ring = Array.from({ length: sides + 1 }, (_, i) => {
    const turn = ((i % sides) / sides) * 2 * Math.PI
    return [lon + dLon * Math.cos(turn), lat + dLat * Math.sin(turn)]
  })
  return { type: 'Polygon', coordinates: [ring] }
}

/** Length of a line in m. */
export function length_m(line: Position[]): number {
  let sum = 0
  for (let i = 1; i < line.length; i += 1) sum += distance_m(line[i - 1][0], line[i - 1][1], line[i][0], line[i][1])
  return sum
}

/** Area of a small polygon in m², its holes taken off. */
export function area_m2(rings: Position[][]): number {
  const one = (ring: Position[]): number => {
    let sum = 0
    for (let i = 1; i < ring.length; i += 1) sum += (ring[i][0] - ring[i - 1][0]) * RAD * (Math.sin(ring[i][1] * RAD) + Math.sin(ring[i - 1][1] * RAD))
    return Math.abs((sum * EARTH_RADIUS_M ** 2) / 2)
  }
  return rings.reduce((sum, ring, i) => sum + (i ? -one(ring) : one(ring)), 0)
}

function crosses(a: Position, b: Position, c: Position, d: Position): boolean {
  const side = (p: Position, q: Position, r: Position): number => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0
}

/** Whether a closed ring crosses itself. */
export function crossesItself(ring: Position[]): boolean {
  for (let i = 1; i < ring.length; i += 1) for (let j = i + 2; j < ring.length; j += 1) if (crosses(ring[i - 1], ring[i], ring[j - 1], ring[j])) return true
  return false
}
