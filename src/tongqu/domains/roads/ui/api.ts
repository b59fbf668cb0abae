/** What the pages of roads read. */
import { get, language } from '@web/kit'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'

interface Bilingual {
  zh: string
  en: string
}

export type Direction = 'both' | 'up' | 'down'

export interface Mark {
  along_m: number
  back: string
  ahead: string
  back_m: number
  ahead_m: number
  chain: 'long' | 'short' | null
  source: string
  lon: number
  lat: number
}

export interface Line {
  id: number
  direction: Direction
  prefix: string
  part: number
  length_m: number
  first_stake: string | null
  last_stake: string | null
  valid_from_ms: number
  bbox: [number, number, number, number]
  marks: Mark[]
  chains: Mark[]
}

export interface Route {
  id: number
  urn: string
  number: string
  name: string
  name_en: string | null
  road_class: string
  region: string
  first_stake: string | null
  last_stake: string | null
  length_km: number
  calibrated: boolean
  source: string
  lines: Line[]
}

export interface Facility {
  id: string
  urn: string
  kind: string
  name: string
  code: string | null
  number: string
  route: number
  direction: Direction
  stake: string
  stake_m: number
  end_stake: string | null
  end_stake_m: number | null
  side: string
  lane: number
  lon: number | null
  lat: number | null
  region: string
  active: boolean
}

export interface Place {
  route: number
  number: string
  region: string
  stake_m: number
  stake: string
  branch: string
  direction: Direction
  offset_m: number
  side: 'left' | 'right' | 'on'
  lon: number
  lat: number
  estimated: boolean
  text: Bilingual
}

export interface Answer {
  places: Place[]
  routes: { id: number; number: string; region: string; name: string; name_en: string | null }[]
  code: string | null
  reason: Bilingual | null
}

export const idOf = (urn: string): string => urn.split(':').slice(3).join(':')

export const useRoute = (id: string | number): UseQueryResult<Route> =>
  useQuery<Route>({ queryKey: ['roads', 'route', String(id)], queryFn: ({ signal }) => get<Route>(`roads/routes/${id}`, {}, signal) })

export const useAlong = (id: string | number, from_m?: number, to_m?: number): UseQueryResult<{ items: Facility[]; total: number }> =>
  useQuery({
    queryKey: ['roads', 'along', String(id), from_m, to_m],
    queryFn: ({ signal }) => get<{ items: Facility[]; total: number }>(`roads/routes/${id}/along`, { from_m, to_m }, signal),
  })

/** `K12+345` of metres. */
export const stakeText = (metres: number): string => {
  const whole = Math.round(metres)
  return `K${Math.floor(whole / 1000)}+${String(whole % 1000).padStart(3, '0')}`
}

/** A route's name in the language of the page. */
export const nameOf = (route: { name: string; name_en: string | null }): string => (language() === 'en' && route.name_en ? route.name_en : route.name)
