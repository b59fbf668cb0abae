/** Something along a road: where it stands by stake, its neighbours, and the form that changes it. */
import { both, coordinates, engine, Facts, Failure, get, Link, Skeleton, t, useMay, useRegionName, useResource, type Fact } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Button, Tag } from 'antd'
import type { JSX } from 'react'
import { idOf, type Facility } from './api'
import { Nearby } from './Nearby'

export default function FacilityDetail({ urn }: { urn: string }): JSX.Element {
  const id = idOf(urn)
  const regionName = useRegionName()
  const resource = useResource('roads.facilities')
  const may = useMay('roads.edit')
  const { data, error, isPending, refetch } = useQuery<Facility>({ queryKey: ['roads', 'facility', id], queryFn: ({ signal }) => get<Facility>(`roads/facilities/${encodeURIComponent(id)}`, {}, signal) })
  if (isPending) return <Skeleton />
  if (error) return <Failure error={error} again={() => void refetch()} />
  const option = (column: 'kind' | 'direction' | 'side'): string => {
    const found = resource?.columns.find((one) => one.name === column)?.options?.find((one) => one.value === data[column])
    return found ? both(found.label) : data[column]
  }
  const facts: Fact[] = [
    { label: t('roads.field_stake'), value: `${data.number} ${data.stake}${data.end_stake ? ` – ${data.end_stake}` : ''}`, copy: `${data.number} ${data.stake}` },
    { label: t('roads.field_direction'), value: option('direction') },
    { label: t('roads.field_side'), value: option('side') },
    { label: t('roads.field_region'), value: regionName(data.region) || data.region },
    ...(data.code ? [{ label: t('roads.field_code'), value: data.code, copy: data.code }] : []),
    { label: t('roads.place'), value: data.lon === null || data.lat === null ? t('roads.without_place') : coordinates(data.lon, data.lat) },
  ]
  return (
    <>
      <section className="tq-block">
        <h2>
          {data.name} <Tag>{option('kind')}</Tag>
        </h2>
        <Facts facts={facts} />
        <div className="tq-row">
          {data.lon !== null && data.lat !== null && (
            <Button size="small" onClick={() => engine.get()?.fly(data.lon!, data.lat!, 15)}>
              {t('roads.show')}
            </Button>
          )}
          <Link patch={{ sel: `urn:tongqu:route:${data.route}`, tab: null }}>{t('roads.open_route')}</Link>
          {may && (
            <Link to="/roads/facilities" patch={{ id: data.id }}>
              {t('roads.edit')}
            </Link>
          )}
        </div>
      </section>
      <Nearby route={data.route} stake_m={data.stake_m} besides={data.id} />
    </>
  )
}
