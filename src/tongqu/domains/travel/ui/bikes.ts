/** Systems of shared bikes and their stations, as the platform tells of them. */
import { get, type Text } from '@web/kit'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { Told } from './feeds'

export interface BikeSystem extends Pick<Told, 'feed' | 'age_s' | 'stale' | 'failure'> {
  system: Text
  as_of_ms: number | null
  stations: number
  files: Pick<Told, 'skipped' | 'notices'>[]
}

export interface BikeStation {
  id: string
  name: Text
  lon: number
  lat: number
  capacity: number | null
  vehicles: number | null
  /** Null: without a limit. */
  places: number | null
  told: boolean
}

export interface Bikes {
  state: BikeSystem | null
  items: BikeStation[]
}

/** The shared bikes of a feed, by its id; not asked for as long as that is not known. */
export const useBikes = (feed: string | undefined, everyMs: number): UseQueryResult<Bikes> =>
  useQuery({
    queryKey: ['travel', 'bikes', feed],
    enabled: feed !== undefined,
    refetchInterval: everyMs,
    queryFn: ({ signal }) => get<Bikes>(`travel/feeds/${encodeURIComponent(feed!)}/bikes`, {}, signal),
  })

/** Bikes to rent at all stations of which something is told. */
export const bikesToRent = (stations: Pick<BikeStation, 'vehicles'>[]): number => stations.reduce((sum, one) => sum + (one.vehicles ?? 0), 0)

/** Code of the feed and id of the station that a URN means. */
export function stationOf(urn: string): { feed: string; station: string } {
  const [, , , feed, ...rest] = urn.split(':')
  return { feed: feed ?? '', station: decodeURIComponent(rest.join(':')) }
}
