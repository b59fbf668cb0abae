/** A station of shared bikes that was selected on the map: what is free there now, and journeys from it and to it. */
import { both, dateTime, Empty, Facts, Failure, get, Link, number, orDash, Skeleton, t, type Fact } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import type { JSX } from 'react'
import { stationOf, useBikes, type BikeSystem } from './bikes'

const EVERY_MS = 30_000

export default function BikeStationDetail({ urn }: { urn: string }): JSX.Element {
  const { feed, station } = stationOf(urn)
  const systems = useQuery({
    queryKey: ['travel', 'bikes'],
    staleTime: EVERY_MS,
    queryFn: async ({ signal }) => (await get<{ items: (BikeSystem & { id: string })[] }>('travel/bikes', {}, signal)).items,
  })
  const id = systems.data?.find((one) => one.feed === feed)?.id
  const told = useBikes(id, EVERY_MS)
  const error = systems.error ?? told.error
  if (error) return <Failure error={error} again={() => void Promise.all([systems.refetch(), told.refetch()])} />
  if (systems.isPending || (id !== undefined && told.isPending)) return <Skeleton />
  const row = told.data?.items.find((one) => one.id === station)
  const system = told.data?.state
  if (!row || !system) return <Empty title={t('travel.no_bike_station')} hint={t('travel.no_bike_station_hint')} />
  const fresh = row.told && !system.stale
  const facts: Fact[] = [
    { label: t('travel.bikes_to_rent'), value: fresh && row.vehicles !== null ? number(row.vehicles) : '—' },
    { label: t('travel.bikes_to_return'), value: !fresh ? '—' : row.places === null ? t('travel.bikes_unlimited') : number(row.places) },
    { label: t('travel.bikes_capacity'), value: row.capacity === null ? '—' : number(row.capacity) },
    { label: t('travel.bikes_system'), value: orDash(both(system.system)) },
    { label: t('travel.bikes_as_of'), value: system.as_of_ms === null ? '—' : dateTime(system.as_of_ms) },
  ]
  const place = `${row.lon},${row.lat},${both(row.name).replaceAll(',', ' ')}`
  return (
    <section className="tq-block">
      <h2>{both(row.name) || row.id}</h2>
      {system.stale && <p className="tq-help">{t('travel.bikes_stale')}</p>}
      <Facts facts={facts} />
      <div className="tq-row">
        <Link to="/travel/planner" patch={{ from: place, bikes: 1, sel: null }}>
          {t('travel.from_here')}
        </Link>
        <Link to="/travel/planner" patch={{ to: place, bikes: 1, sel: null }}>
          {t('travel.to_here')}
        </Link>
      </div>
    </section>
  )
}
