/** A place by stake, as the search box found it: `urn:tongqu:stake:{route}:{direction}:K45-200`. */
import { both, coordinates, Failure, get, Link, Skeleton, t, useOverlay } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { useMemo, type JSX } from 'react'
import { idOf, nameOf, useRoute, type Answer } from './api'
import { Nearby } from './Nearby'

export default function StakeDetail({ urn }: { urn: string }): JSX.Element {
  const [id = '', direction = 'both', written = ''] = idOf(urn).split(':')
  const stake = written.replace('-', '+')
  const route = useRoute(id)
  const q = route.data ? `${route.data.number} ${stake}` : ''
  const found = useQuery<Answer>({
    queryKey: ['roads', 'find', q, route.data?.region, direction],
    enabled: q !== '',
    queryFn: ({ signal }) => get<Answer>('geo/stakes/find', { q, region: route.data!.region, direction }, signal),
  })
  const place = found.data?.places[0]
  useOverlay('roads.stake', useMemo(() => (place ? { type: 'Feature' as const, geometry: { type: 'Point' as const, coordinates: [place.lon, place.lat] }, properties: { label: both(place.text), color: 'accent', shape: 'ring', radius: 7 } } : null), [place]))
  if (route.isPending || (found.isPending && q)) return <Skeleton />
  const error = route.error ?? found.error
  if (error) return <Failure error={error} again={() => void found.refetch()} />
  if (!place) return <p className="tq-pad">{found.data?.reason ? both(found.data.reason) : ''}</p>
  return (
    <>
      <section className="tq-block">
        <h2 className="tq-num">{both(place.text)}</h2>
        <p>
          {nameOf(route.data!)} · <span className="tq-num">{coordinates(place.lon, place.lat)}</span>
        </p>
        <Link patch={{ sel: route.data!.urn, tab: null }}>{t('roads.open_route')}</Link>
      </section>
      <Nearby route={place.route} stake_m={place.stake_m} />
    </>
  )
}
