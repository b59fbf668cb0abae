/** What is reached within so many minutes: the question, its answer, and how the areas are drawn. */
import { apiPath, area_m2, get, post } from '@web/kit'
import { useMutation, useQuery, type UseMutationResult, type UseQueryResult } from '@tanstack/react-query'
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson'
import type { Weighted } from './points'

export interface ReachAsked {
  from: string
  minutes: number[]
  mode: string
  at: number | null
  window: number
  percentile: number
}

export interface AreaProperties {
  minutes: number
  mode: string
  area_km2: number
  stops: number | null
}

export type Areas = FeatureCollection<Polygon | MultiPolygon, AreaProperties>

export interface Within {
  percentile: number
  within: { minutes: number; weight: number; of: number }[]
}

/** Colours of the areas from the smallest on; each has a stroke of its own besides. */
const LOOKS = [
  { color: 'category-1', dash: false },
  { color: 'category-3', dash: true },
  { color: 'category-2', dash: false },
  { color: 'category-4', dash: true },
  { color: 'category-9', dash: false },
  { color: 'category-6', dash: true },
]

export const areaLook = (minutes: number, all: number[]): { color: string; dash: boolean } => LOOKS[[...all].sort((a, b) => a - b).indexOf(minutes) % LOOKS.length] ?? LOOKS[0]

const query = (asked: ReachAsked): Record<string, string | number | null> => ({
  from: asked.from,
  minutes: asked.minutes.join(','),
  mode: asked.mode,
  depart_at: asked.at === null ? null : String(asked.at),
  window_min: asked.mode === 'transit' ? asked.window : 0,
  percentile: asked.percentile,
})

/** The address of the areas as GeoJSON. */
export const areasPath = (asked: ReachAsked): string => apiPath('travel/isochrones', query(asked))

export const useAreas = (asked: ReachAsked): UseQueryResult<Areas> =>
  useQuery<Areas>({ queryKey: ['travel', 'reach', asked], enabled: Boolean(asked.from && asked.minutes.length), staleTime: 300_000, retry: false, queryFn: ({ signal }) => get<Areas>('travel/isochrones', query(asked), signal) })

/** How much of some weighted places is reached, by percentile of the departures. */
export const useWithin = (asked: ReachAsked): UseMutationResult<{ percentiles: Within[]; outside_streets: number }, Error, Weighted[]> =>
  useMutation({
    mutationFn: (places: Weighted[]) =>
      post('travel/accessibility', { origin: asked.from, places, minutes: asked.minutes, window_min: asked.window, percentiles: [...new Set([25, asked.percentile, 75])].sort((a, b) => a - b), ...(asked.at === null ? {} : { depart_at: String(asked.at) }) }),
  })

const HOLE_M2 = 500_000

/** For the eye only: blocks between streets that are no streets themselves are no holes in what is reached. */
function withoutBlocks(geometry: Polygon | MultiPolygon): MultiPolygon {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  return { type: 'MultiPolygon', coordinates: parts.map((rings) => rings.filter((ring, index) => index === 0 || area_m2([ring]) > HOLE_M2)) }
}

/** The areas as they are drawn: each named at another of its edges, the place itself above all. */
export function drawnAreas(areas: Areas, origin: [number, number] | null, name: (minutes: number) => string): FeatureCollection {
  const all = areas.features.map((one) => one.properties.minutes)
  const features: Feature[] = areas.features.map((one) => ({ ...one, geometry: withoutBlocks(one.geometry), properties: { ...areaLook(one.properties.minutes, all), fill: 0.14, width: 2 } }))
  for (const [index, one] of areas.features.entries()) {
    const top = outermost(one.geometry, EDGES[index % EDGES.length])
    if (top) features.push({ type: 'Feature', properties: { color: areaLook(one.properties.minutes, all).color, radius: 3, label: name(one.properties.minutes) }, geometry: { type: 'Point', coordinates: top } })
  }
  if (origin) features.push({ type: 'Feature', properties: { color: 'accent', radius: 8 }, geometry: { type: 'Point', coordinates: origin } })
  return { type: 'FeatureCollection', features }
}

/** North, south, west, east: names of areas whose edges coincide do not cover each other. */
const EDGES = [
  [0, 1],
  [0, -1],
  [-1, 0],
  [1, 0],
]

/** The corner of the largest part that lies furthest towards an edge. */
function outermost(geometry: Polygon | MultiPolygon, [east, north]: number[]): Position | null {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  const largest = parts.reduce<Position[]>((best, part) => ((part[0]?.length ?? 0) > best.length ? part[0] : best), [])
  const far = ([lon, lat]: Position): number => lon * east + lat * north
  return largest.reduce<Position | null>((best, place) => (best === null || far(place) > far(best) ? place : best), null)
}
