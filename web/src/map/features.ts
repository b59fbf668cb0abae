/** Features of the layers' tiles: which one is at a place of the screen, and how many of a class are in view. */
import type { Map as MapLibre, MapGeoJSONFeature } from 'maplibre-gl'
import type { MapLayer } from '../api/types'
import { language } from '../text/catalogue'
import type { FeatureHit } from './port'
import { styleOf } from './style'

/** Layers whose features have a page of their own, though they carry no URN. */
const OPENED = ['alarms.open']

export class Features {
  constructor(
    private readonly map: MapLibre,
    private readonly shown: () => MapLayer[],
  ) {}

  private parts(layer: MapLayer): string[] {
    return styleOf(layer).map((part) => part.id).filter((id) => this.map.getLayer(id))
  }

  /** The uppermost feature at a place that has something behind it. */
  at({ x, y }: { x: number; y: number }, radius: number): FeatureHit | null {
    const layers = this.shown().filter((layer) => layer.type === 'mvt' || layer.type === 'geojson').flatMap((layer) => this.parts(layer))
    if (!layers.length) return null
    const found = this.map.queryRenderedFeatures([[x - radius, y - radius], [x + radius, y + radius]], { layers })
    const hit = found.find((feature) => feature.properties.urn || OPENED.includes(feature.source))
    return hit ? told(hit) : null
  }

  /** How many features of a class are in view; a feature that several tiles hold counts once. */
  count(layer: MapLayer, kind: string): number {
    const layers = this.parts(layer)
    if (!layers.length) return 0
    const found = this.map.queryRenderedFeatures({ layers, filter: ['==', ['get', 'class'], kind] })
    return new Set(found.map((feature) => feature.id ?? JSON.stringify(feature.properties))).size
  }
}

function told({ source, id, properties }: MapGeoJSONFeature): FeatureHit {
  return {
    layer: source,
    id: String(properties.id ?? id ?? ''),
    name: String((language() === 'en' && properties.name_en) || (properties.name ?? '')),
    more: String(properties.stake ?? properties.ref ?? ''),
    urn: typeof properties.urn === 'string' ? properties.urn : null,
  }
}
