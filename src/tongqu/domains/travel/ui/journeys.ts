/** Journeys as the server tells them. */
import { get } from '@web/kit'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'

interface Bilingual {
  zh: string
  en: string
}

export interface End {
  name: string
  lon: number
  lat: number
  stop_id?: string
  entrance?: string
}

export interface Step {
  manoeuvre: string
  words: Bilingual
  length_m: number
  duration_s: number
  lon: number
  lat: number
}

export interface Leg {
  kind: 'walk' | 'ride' | 'cycle' | 'drive'
  from: End
  to: End
  departure_ms: number
  arrival_ms: number
  duration_s: number
  length_m: number
  beeline: boolean
  wait_s?: number
  words: Bilingual
  line: [number, number][]
  steps?: Step[]
  ride?: { line: string; headsign: string; mode: string; headway_s: number; delay_s: number | null; calls: (End & { arrival_ms: number; departure_ms: number })[] }
}

export interface Journey {
  id: string
  departure_ms: number
  arrival_ms: number
  duration_s: number
  transfers: number
  walk_s: number
  walk_m: number
  beeline: boolean
  fare: unknown
  legs: Leg[]
}

export interface Plan {
  from: End
  to: End
  zone: string
  journeys: Journey[]
  reason: { code: string; detail: Bilingual } | null
}

export interface Opened {
  state: 'as_planned' | 'changed' | 'broken' | 'gone'
  journey: Journey | null
}

export interface PlaceRow {
  id: string
  kind: string
  name: string
  detail: string | null
  lon: number
  lat: number
}

export interface Asked {
  from: string
  to: string
  way: 'depart' | 'arrive'
  at: number | null
  modes: string
  stepFree: boolean
  maxWalk: number
  language: string
}

/** The answer to a question; none is asked until both ends are known. */
export const usePlan = (asked: Asked): UseQueryResult<Plan> =>
  useQuery<Plan>({
    queryKey: ['travel', 'plan', asked],
    enabled: Boolean(asked.from && asked.to),
    staleTime: 30_000,
    retry: false,
    queryFn: ({ signal }) =>
      get<Plan>('travel/plan', {
        from: asked.from, to: asked.to, modes: asked.modes, step_free: asked.stepFree, max_walk_min: asked.maxWalk,
        depart_at: asked.way === 'depart' && asked.at ? String(asked.at) : null,
        arrive_by: asked.way === 'arrive' ? String(asked.at ?? Date.now() + 3_600_000) : null,
      }, signal),
  })

export const useOpened = (id: string | null): UseQueryResult<Opened> =>
  useQuery<Opened>({ queryKey: ['travel', 'itinerary', id], enabled: Boolean(id), queryFn: ({ signal }) => get<Opened>(`travel/itineraries/${id}`, {}, signal) })

export const usePlaces = (typed: string): UseQueryResult<{ items: PlaceRow[] }> =>
  useQuery<{ items: PlaceRow[] }>({
    queryKey: ['travel', 'places', typed],
    enabled: typed.trim().length > 0,
    staleTime: 60_000,
    queryFn: ({ signal }) => get<{ items: PlaceRow[] }>('travel/places', { q: typed, limit: 8 }, signal),
  })

const clocks = new Map<string, Intl.DateTimeFormat>()

/** Hours and minutes on the clocks of the timetable's zone. */
export function clockOf(ms: number, zone: string): string {
  let clock = clocks.get(zone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' })
    clocks.set(zone, clock)
  }
  return clock.format(ms)
}

/** Colours and strokes of a leg: rides are solid and told apart by mode, walks are dashed. */
export const lookOf = (leg: Leg): { color: string; width: number; dash?: boolean } =>
  leg.kind === 'ride' ? { color: leg.ride?.mode === 'metro' ? 'category-1' : 'category-4', width: 5 } : { color: 'ink-2', width: 3, dash: leg.kind === 'walk' }
