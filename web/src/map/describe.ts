/** Shapes in words. */
import type { Geometry, Position } from 'geojson'
import { t } from '../text/catalogue'
import { coordinates, number } from '../text/format'
import { area_m2, crossesItself, length_m, places } from './shapes'

/** What is wrong with a drawn shape, or an empty text. */
export function geometryProblem(geometry: Geometry): string {
  if (geometry.type === 'Polygon' && geometry.coordinates.some((ring) => crossesItself(ring))) return t('shape.crosses')
  return ''
}

function metres(length: number): string {
  return length < 1000 ? `${number(length)} m` : `${number(length / 1000, 2)} km`
}

/** A geometry in words: where, how long, how large. */
export function sayGeometry(geometry: Geometry): string {
  if (geometry.type === 'Point') return coordinates(geometry.coordinates[0], geometry.coordinates[1])
  if (geometry.type === 'LineString') return t('shape.line', { n: places(geometry), length: metres(length_m(geometry.coordinates)) })
  if (geometry.type === 'Polygon') {
    const area = area_m2(geometry.coordinates as Position[][])
    return t('shape.polygon', { n: places(geometry) - 1, area: area < 1e6 ? `${number(area)} m²` : `${number(area / 1e6, 2)} km²` })
  }
  return t('shape.other', { kind: geometry.type, n: places(geometry) })
}
