/** Systems of shared bikes and their stations, as the platform tells of them. */
import type { Text } from '@web/kit'

export interface BikeSystem {
  id: string
  feed: string
  system: Text
  as_of_ms: number | null
  stale: boolean
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

/** Code of the feed and id of the station that a URN means. */
export function stationOf(urn: string): { feed: string; station: string } {
  const [, , , feed, ...rest] = urn.split(':')
  return { feed: feed ?? '', station: decodeURIComponent(rest.join(':')) }
}
