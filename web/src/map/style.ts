/**
 * The map's style without any outside resource: a ground, and what `layers` sends. Each of our layers brings MapLibre
 * style layers; colours written `@<token>` are those of the theme; every symbol lies above every line and area.
 */
import type { LayerSpecification, Map as MapLibre, SourceSpecification, StyleSpecification } from 'maplibre-gl'
import type { Basemap, MapLayer } from '../api/types'
import { color, mode } from '../theme/theme'
import { scaled } from './scaling'
import { named, themed } from './theming'

export const GROUND = 'ground'
/** Everything drawn goes below this; symbols go above it. */
export const SYMBOLS = 'symbols-begin'

export function baseStyle(basemap: Basemap | null): StyleSpecification {
  const style: StyleSpecification = {
    version: 8,
    sources: { none: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } } },
    layers: [
      { id: GROUND, type: 'background', paint: { 'background-color': color('map-land') } },
      { id: SYMBOLS, type: 'symbol', source: 'none' },
    ],
  }
  if (basemap?.tiles?.length) {
    style.sources.basemap = { type: 'raster', tiles: basemap.tiles, tileSize: basemap.tile_size ?? 256, maxzoom: basemap.max_zoom ?? 18 }
    style.layers.splice(1, 0, { id: 'basemap', type: 'raster', source: 'basemap', paint: { 'raster-saturation': -0.5, 'raster-opacity': 0.8 } })
  }
  return style
}

/** The full address, the theme filled in; workers know no relative ones. */
export function address(url: string): string {
  const filled = url.replace('{theme}', mode.get())
  return /^[a-z]+:/.test(filled) ? filled : location.origin + filled
}

export function sourceOf(layer: MapLayer): SourceSpecification | null {
  const url = address(layer.url)
  const bounds = layer.bounds ?? undefined
  const minzoom = layer.min_zoom ?? 0
  const maxzoom = layer.max_zoom ?? 14
  if (layer.type === 'mvt') return { type: 'vector', tiles: [url], bounds, minzoom, maxzoom: Math.min(maxzoom, 22) }
  if (layer.type === 'raster') return { type: 'raster', tiles: [url], tileSize: 256, bounds, minzoom, maxzoom }
  if (layer.type === 'geojson') return { type: 'geojson', data: url, generateId: true }
  if (layer.type === 'image' && bounds) {
    const [w, s, e, n] = bounds
    return { type: 'image', url, coordinates: [[w, n], [e, n], [e, s], [w, s]] }
  }
  return null
}

/** The style layers of one of our layers, with our ids and the source filled in. */
export function styleOf(layer: MapLayer): LayerSpecification[] {
  const given = layer.style?.length ? layer.style : layer.type === 'image' || layer.type === 'raster' ? [{ type: 'raster' }] : []
  return given.map((part, index) => {
    const made = { ...themed(part), id: `${layer.id}/${String(part.id ?? index)}` } as Record<string, unknown>
    if (made.type !== 'background') {
      made.source = layer.id
      if (layer.type === 'mvt') made['source-layer'] ??= layer.id
    }
    const layout = made.layout as Record<string, unknown> | undefined
    if (layout?.['text-field']) made.layout = { ...layout, 'text-field': named(layout['text-field']) }
    if (made.type === 'raster') made.paint = { 'raster-fade-duration': 0, ...(made.paint as object) }
    return made as unknown as LayerSpecification
  })
}

const OPACITY: Record<string, string[]> = {
  line: ['line-opacity'],
  fill: ['fill-opacity'],
  circle: ['circle-opacity', 'circle-stroke-opacity'],
  symbol: ['text-opacity', 'icon-opacity'],
  raster: ['raster-opacity'],
  background: ['background-opacity'],
}

/** Set the opacity of every part of a layer to `k` of what its style says. */
export function fade(map: MapLibre, layer: MapLayer, k: number): void {
  for (const part of styleOf(layer)) {
    if (!map.getLayer(part.id)) continue
    const paint = (part as { paint?: Record<string, unknown> }).paint ?? {}
    for (const name of OPACITY[part.type] ?? []) map.setPaintProperty(part.id, name as never, (k === 1 && paint[name] === undefined ? undefined : scaled(paint[name], k)) as never)
  }
}
