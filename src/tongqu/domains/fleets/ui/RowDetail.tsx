/** A row of a registry as facts, from the columns that its resource declares. */
import { both, Empty, Facts, Failure, get, Link, Skeleton, t, useMay, useRegionName, useResource, type Row } from '@web/kit'
import { cell } from '@web/lists/cell'
import { useQuery } from '@tanstack/react-query'
import type { JSX, ReactNode } from 'react'

const idOf = (urn: string): string => urn.split(':').slice(3).join(':')

interface Props {
  urn: string
  resource: string
  /** The page of its list, where it is edited. */
  page: string
  children?: (row: Row) => ReactNode
}

export function RowDetail({ urn, resource: id, page, children }: Props): JSX.Element {
  const resource = useResource(id)
  const regionName = useRegionName()
  const may = useMay(resource?.edit_permission)
  const key = idOf(urn)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['row-of', id, key],
    enabled: Boolean(resource),
    queryFn: ({ signal }) => get<Row>(`${resource!.path}/${encodeURIComponent(key)}`, {}, signal),
  })
  if (!resource) return <Empty title={t('fleets.not_yours')} />
  if (isPending) return <Skeleton />
  if (error) return <Failure error={error} again={() => void refetch()} />
  const shown = resource.columns.filter((column) => column.name !== 'urn' && column.name !== resource.key && data[column.name] !== null && data[column.name] !== '' && data[column.name] !== undefined)
  return (
    <section className="tq-block">
      <h2>{both(resource.title)}</h2>
      <Facts facts={shown.map((column) => ({ label: both(column.label), value: cell(column, data[column.name], regionName), unit: column.unit ?? undefined }))} />
      {children?.(data)}
      {may && (
        <Link to={page} patch={{ id: String(data[resource.key]) }}>
          {t('fleets.edit')}
        </Link>
      )}
    </section>
  )
}
