/** Departures at a stop as the server tells them, and what is said of each. */
import { get, t } from '@web/kit'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { Alert } from './notices'

export interface Departure {
  stop: string
  platform: string | null
  notices: number[]
  feed: string
  trip_id: string
  service_day: string
  line: string
  mode: string
  headsign: string
  departure_ms: number
  planned_ms: number | null
  live: boolean
  state: 'runs' | 'cancelled' | 'skipped'
  delay_s: number | null
  minutes_away: number
  stops_away: number | null
  vehicle: { lon: number; lat: number } | null
}

export interface Flag {
  feed: string
  kind: string
  age_s: number
  stale: boolean
}

export interface BoardAnswer {
  name: string
  lon: number
  lat: number
  at_ms: number
  zone: string
  realtime: Flag[]
  notices: Alert[]
  departures: Departure[]
}

export const EVERY_MS = 20_000
export const WINDOWS = [30, 60, 120, 720]

/** The board of a stop from a moment on (none: now, renewed by itself while the page is seen). */
export const useBoard = (stop: string | null, minutes: number, at: number | null = null): UseQueryResult<BoardAnswer> =>
  useQuery<BoardAnswer>({
    queryKey: ['travel', 'board', stop, minutes, at],
    enabled: Boolean(stop),
    refetchInterval: at === null && EVERY_MS,
    staleTime: 5_000,
    retry: false,
    queryFn: ({ signal }) => get<BoardAnswer>(`travel/boards/${encodeURIComponent(stop!)}`, { minutes, at: at === null ? null : String(at), limit: 60 }, signal),
  })

/** How late in whole minutes: 0 on time, negative early; null where nothing is told. */
export const lateMinutes = (one: Departure): number | null => (one.delay_s === null ? null : Math.round(one.delay_s / 60))

/** Where the vehicle is, in words; empty where that is not known. */
export function whereabouts(one: Departure): string {
  if (one.state !== 'runs' || one.stops_away === null) return ''
  return one.stops_away === 0 ? t('travel.is_here') : t('travel.stops_away', { n: one.stops_away })
}

/** The oldest message of the feeds that a board is of, and whether it is too old to be relied on; null where nothing is told. */
export function freshness(answer: BoardAnswer): { age_s: number; stale: boolean } | null {
  const feeds = new Set(answer.departures.map((one) => one.feed))
  const told = answer.realtime.filter((flag) => flag.kind !== 'alerts' && flag.kind !== 'situations' && (!feeds.size || feeds.has(flag.feed)))
  return told.length ? { age_s: Math.max(...told.map((flag) => flag.age_s)), stale: told.some((flag) => flag.stale) } : null
}
