/** Journeys as the server tells them. */
import { coordinates, get, language } from '@web/kit'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { Alert } from './notices'

interface Bilingual {
  zh: string
  en: string
}

export interface End {
  name: string
  lon: number
  lat: number
  stop_id?: string
  feed?: string
  entrance?: string
  platform?: string
  station_id?: string
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
  kind: 'walk' | 'ride' | 'cycle' | 'drive' | 'bike' | 'on_demand'
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
  notices?: Alert[]
  rental?: { system: string; vehicles: number | null; places: number | null; as_of_ms: number | null }
  on_demand?: { line: string; agency: string; window_ms: [number, number]; estimate: 'mean' | 'safe' | 'guess' }
  booking?: Booking
  ride?: { line: string; headsign: string; mode: string; headway_s: number; delay_s: number | null; calls: (End & { arrival_ms: number; departure_ms: number })[] }
}

/** The legs one would tell a person of: not the step from a stop to the place that stands at it. */
export const worthTelling = (legs: Leg[]): Leg[] => {
  const kept = legs.filter((leg) => leg.kind !== 'walk' || leg.length_m >= 10 || leg.duration_s >= 30)
  return kept.length ? kept : legs
}

/** How a ride on request is booked. */
export interface Booking {
  type: 'real_time' | 'same_day' | 'prior_days'
  until_ms: number
  from_ms: number | null
  phone: string | null
  url: string | null
  message: string | null
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
  bikes: { used: boolean; reason: { code: string; detail: Bilingual } | null } | null
  on_demand: { offered: boolean; reason: { code: 'area' | 'hours' | 'booking' | 'walk'; detail: Bilingual } | null } | null
}

export type State = 'as_planned' | 'changed' | 'broken' | 'gone'

export interface Opened {
  state: State
  journey: Journey | null
  from: End
  to: End
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
  lessWalking: boolean
  sharedBikes: boolean
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
        from: asked.from, to: asked.to, modes: asked.modes, step_free: asked.stepFree, less_walking: asked.lessWalking, shared_bikes: asked.sharedBikes, max_walk_min: asked.maxWalk,
        depart_at: asked.way === 'depart' && asked.at ? String(asked.at) : null,
        arrive_by: asked.way === 'arrive' ? String(asked.at ?? Date.now() + 3_600_000) : null,
      }, signal),
  })

/** An itinerary as it is now; `every_ms`: asked anew, as what is known of now changes. */
export const useOpened = (id: string | null, every_ms: number | false = false): UseQueryResult<Opened> =>
  useQuery<Opened>({ queryKey: ['travel', 'itinerary', id], enabled: Boolean(id), refetchInterval: every_ms, queryFn: ({ signal }) => get<Opened>(`travel/itineraries/${id}`, {}, signal) })

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

const dated = new Map<string, Intl.DateTimeFormat>()

/** Day, hours and minutes on the clocks of the timetable's zone: `11-30 09:30`. */
export function dayClockOf(ms: number, zone: string): string {
  let day = dated.get(zone)
  if (!day) {
    day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
    dated.set(zone, day)
  }
  return `${day.format(ms).slice(5)} ${clockOf(ms, zone)}`
}

/** The address by which a telephone rings a number as it is written. */
export const telephone = (written: string): string => `tel:${written.replace(/[^+\d]/g, '')}`

/** A place as the address and the API carry it: `lon,lat,name`. */
export const written = (place: PlaceRow): string => `${place.lon},${place.lat},${place.name}`

/** The name of a place that is written so; else what it was called when it was chosen. */
export const calledBy = (value: string, chosen: string | null): string => value.split(',').slice(2).join(',') || chosen || value

/** A stop as a thing that can be selected; its id is escaped where a URN could not carry it. */
export const stopUrn = (feed: string, stop: string): string => `urn:tongqu:stop:${feed}:${encodeURIComponent(stop).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)}`

/** What the board is asked for by a selected stop (`FEED:ID`) or place (its id). */
export function boardId(urn: string): string {
  const [, , kind, ...rest] = urn.split(':')
  const id = rest.join(':')
  return kind === 'stop' ? decodeURIComponent(id) : id
}

/** Names of where a journey begins and ends: as it was asked, else its first and last stop, else the place. */
export function endsOf({ from, to, journey }: Opened): { from: string; to: string } {
  const rides = journey?.legs.filter((leg) => leg.ride) ?? []
  const name = (end: End, stop: End | undefined): string => end.name || stop?.name || coordinates(end.lon, end.lat, 3)
  return { from: name(from, rides[0]?.from), to: name(to, rides.at(-1)?.to) }
}

/** The entry of a journey for a calendar. */
export const calendarPath = (id: string): string => `/api/v1/travel/itineraries/${id}/calendar.ics?language=${language()}`

/** Colours and strokes of a leg: rides and shared bikes are solid and told apart by mode, walks are dashed. */
export const lookOf = (leg: Leg): { color: string; width: number; dash?: boolean } =>
  leg.kind === 'on_demand' ? { color: 'category-2', width: 5 } : leg.kind === 'bike' ? { color: 'category-3', width: 4 } : leg.kind === 'ride' ? { color: leg.ride?.mode === 'metro' ? 'category-1' : 'category-4', width: 5 } : { color: 'ink-2', width: 3, dash: leg.kind === 'walk' }
