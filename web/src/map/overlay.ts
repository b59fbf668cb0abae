/**
 * What a page draws on the map for the thing it shows: points, lines, areas as GeoJSON. Properties of a feature say how
 * it looks: `color` (a token), `width` in px, `dash`, `fill` (opacity), `radius` in px, `label`, `shape` (`ring` or
 * `dot`); every one has a default.
 */
import type { Feature, FeatureCollection } from 'geojson'
import type { GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl'
import { color } from '../theme/theme'
import { GROUND, SYMBOLS } from './style'
import { box, type Box } from './shapes'

interface Shown {
  features: Feature[]
  onPick?: (feature: Feature) => void
}

const PARTS = ['fill', 'casing', 'line', 'dashed', 'point', 'label'] as const

export class Overlays {
  private readonly shown = new Map<string, Shown>()

  constructor(private readonly map: MapLibre) {}

  /** Draw, or draw anew, under a name of one's own. */
  set(name: string, data: FeatureCollection, onPick?: (feature: Feature) => void): void {
    this.shown.set(name, { features: data.features, onPick })
    if (this.map.getLayer(GROUND)) this.apply(name)
    else this.map.once('styledata', () => this.apply(name))
  }

  remove(name: string): void {
    this.shown.delete(name)
    if (!this.map.style) return
    for (const part of PARTS) if (this.map.getLayer(idOf(name, part))) this.map.removeLayer(idOf(name, part))
    if (this.map.getSource(source(name))) this.map.removeSource(source(name))
  }

  bounds(name: string): Box | null {
    return box(this.shown.get(name)?.features ?? [])
  }

  /** The feature under a place of the screen whose page wants to know, and what to call. */
  find(point: { x: number; y: number }, radius: number): (() => void) | null {
    const wanting = [...this.shown].filter(([, item]) => item.onPick)
    if (!wanting.length) return null
    const layers = wanting.flatMap(([name]) => PARTS.map((part) => idOf(name, part))).filter((id) => this.map.getLayer(id))
    const [hit] = this.map.queryRenderedFeatures([[point.x - radius, point.y - radius], [point.x + radius, point.y + radius]], { layers })
    if (!hit) return null
    const item = wanting.find(([name]) => source(name) === hit.source)?.[1]
    const feature = item?.features[Number(hit.id)]
    return feature && item.onPick ? () => item.onPick!(feature) : null
  }

  recolor(): void {
    for (const name of this.shown.keys()) this.apply(name)
  }

  private apply(name: string): void {
    const item = this.shown.get(name)
    if (!item) return
    const data: FeatureCollection = { type: 'FeatureCollection', features: item.features.map((feature, id) => ({ ...feature, id, properties: filled(feature) })) }
    const known = this.map.getSource<GeoJSONSource>(source(name))
    if (known) {
      known.setData(data)
      for (const part of layersOf(name)) {
        for (const [key, value] of Object.entries(part.paint ?? {})) this.map.setPaintProperty(part.id, key as never, value as never)
      }
      return
    }
    this.map.addSource(source(name), { type: 'geojson', data })
    for (const part of layersOf(name)) this.map.addLayer(part, part.type === 'symbol' || part.type === 'circle' ? undefined : SYMBOLS)
  }
}

const source = (name: string): string => `overlay:${name}`
const idOf = (name: string, part: string): string => `overlay:${name}/${part}`

function filled(feature: Feature): Record<string, unknown> {
  const given = feature.properties ?? {}
  const solid = typeof given.fill === 'number' ? given.fill : 0.16
  return { width: 4, radius: 7, dash: false, shape: 'dot', ...given, color: color(String(given.color ?? 'accent')), fill: solid, label: given.label ?? '' }
}

function layersOf(name: string): LayerSpecification[] {
  const from = source(name)
  const line = ['!=', ['geometry-type'], 'Point']
  const casing = color('map-casing')
  return [
    { id: idOf(name, 'fill'), type: 'fill', source: from, filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': ['get', 'color'], 'fill-opacity': ['get', 'fill'] } },
    { id: idOf(name, 'casing'), type: 'line', source: from, filter: line, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': casing, 'line-width': ['+', ['get', 'width'], 3], 'line-opacity': 0.9 } },
    { id: idOf(name, 'line'), type: 'line', source: from, filter: ['all', line, ['!', ['get', 'dash']]], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': ['get', 'color'], 'line-width': ['get', 'width'] } },
    { id: idOf(name, 'dashed'), type: 'line', source: from, filter: ['all', line, ['get', 'dash']], paint: { 'line-color': ['get', 'color'], 'line-width': ['get', 'width'], 'line-dasharray': [2, 1.4] } },
    { id: idOf(name, 'point'), type: 'circle', source: from, filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': ['get', 'radius'], 'circle-color': ['case', ['==', ['get', 'shape'], 'ring'], 'rgba(0,0,0,0)', ['get', 'color']], 'circle-stroke-color': ['case', ['==', ['get', 'shape'], 'ring'], ['get', 'color'], casing], 'circle-stroke-width': ['case', ['==', ['get', 'shape'], 'ring'], 3, 2] } },
    { id: idOf(name, 'label'), type: 'symbol', source: from, filter: ['!=', ['get', 'label'], ''], layout: { 'text-field': ['get', 'label'], 'text-size': 13, 'text-anchor': 'top', 'text-offset': [0, 0.9], 'text-optional': true }, paint: { 'text-color': color('map-label'), 'text-halo-color': color('map-halo'), 'text-halo-width': 1.6 } },
  ] as LayerSpecification[]
}
