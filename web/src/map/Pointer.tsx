/** The place under the pointer: its stakes, where the platform knows routes, and its coordinates. */
import { useQuery } from '@tanstack/react-query'
import type { JSX } from 'react'
import { ApiError, get } from '../api/http'
import { useSettled } from '../parts/hooks'
import { useStore } from '../state/store'
import { both, type Bilingual } from '../text/catalogue'
import { coordinates } from '../text/format'
import { pointer, useMap } from './port'

interface StakePlace {
  text: Bilingual
}

/** A place further from a route than this many pixels is not on it. */
const NEAR_PX = 14
const MOST_M = 400
const FROM_ZOOM = 8
/** The platform has no routes: it is not asked again. */
let without = false

export function Pointer(): JSX.Element {
  const at = useStore(pointer)
  const settled = useSettled(at, 220)
  const map = useMap()
  const zoom = map?.map.getZoom() ?? 0
  const metres_px = settled ? (156543.03 * Math.cos((settled.lat * Math.PI) / 180)) / 2 ** (zoom + 1) : 0
  const within_m = Math.min(MOST_M, Math.max(20, Math.round(metres_px * NEAR_PX)))
  const { data } = useQuery({
    queryKey: ['stake', settled?.lon.toFixed(5), settled?.lat.toFixed(5), within_m],
    enabled: settled !== null && !without && zoom >= FROM_ZOOM,
    retry: false,
    gcTime: 10_000,
    queryFn: async ({ signal }) => {
      try {
        return (await get<{ places: StakePlace[] }>('geo/stakes', { lon: settled!.lon, lat: settled!.lat, within_m }, signal)).places
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 503)) without = true
        return []
      }
    },
  })
  const stakes = at && settled && at.lon === settled.lon && at.lat === settled.lat ? (data ?? []).slice(0, 2) : []
  return (
    <output className="tq-pointer tq-num">
      {stakes.map((place) => (
        <b key={both(place.text)}>{both(place.text)}</b>
      ))}
      {at ? coordinates(at.lon, at.lat) : ''}
    </output>
  )
}
