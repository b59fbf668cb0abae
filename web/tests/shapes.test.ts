/** Shapes that people draw are measured on the sphere. */
import { describe, expect, it } from 'vitest'
import type { Feature, Position } from 'geojson'
import { area_m2, box, circlePolygon, crossesItself, distance_m, length_m, places } from '../src/map/shapes'

describe('shapes', () => {
  it('a degree of the equator is 111.195 km, and half of it at 60° north', () => {
    expect(distance_m(0, 0, 1, 0)).toBeCloseTo(111_195, -1)
    expect(distance_m(0, 60, 1, 60) / distance_m(0, 0, 1, 0)).toBeCloseTo(0.5, 3)
    expect(length_m([[0, 0], [1, 0], [1, 1]])).toBeCloseTo(2 * 111_195, -2)
  })

  it('the area of a circle as a polygon comes near π r², and its hole is taken off', () => {
    const ring = (radius: number): Position[] => (circlePolygon(114, 27, radius, 400) as { coordinates: Position[][] }).coordinates[0]
    expect(area_m2([ring(1000)]) / (Math.PI * 1e6)).toBeCloseTo(1, 2)
    expect(area_m2([ring(1000), ring(500)]) / (Math.PI * 0.75e6)).toBeCloseTo(1, 2)
    for (const [lon, lat] of ring(1000)) expect(distance_m(114, 27, lon, lat)).toBeCloseTo(1000, -1)
  })

  it('the box holds every place of every kind of geometry, and nothing has no box', () => {
    const features: Feature[] = [
      { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [5, 6] } },
      { type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates: [[[[1, 1], [2, 1], [2, 9], [1, 1]]]] } },
    ]
    expect(box(features)).toEqual([1, 1, 5, 9])
    expect(box([])).toBeNull()
    expect(places(features[1].geometry)).toBe(4)
  })

  it('a bow tie crosses itself, a square does not', () => {
    expect(crossesItself([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]])).toBe(true)
    expect(crossesItself([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])).toBe(false)
  })
})
