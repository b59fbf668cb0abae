/** A row of a registry as facts, from the columns that its resource declares. */
import { both, Empty, Facts, Failure, get, Link, Skeleton, t, tagged, useMay, useRegionName, useResource, type Row } from '@web/kit'
import { cell } from '@web/lists/cell'
import { useQuery } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState, type JSX, type ReactNode } from 'react'

/** Of use to programs only. */
const HIDDEN = new Set(['urn', 'revision'])

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
  const names = new Set(resource.columns.map((column) => column.name))
  const shown = resource.columns.filter((column) => !HIDDEN.has(column.name) && column.name !== resource.key && !names.has(`${column.name}_name`) && data[column.name] !== null && data[column.name] !== '' && data[column.name] !== undefined)
  return (
    <section className="tq-block">
      <h2>{both(resource.title)}</h2>
      <Facts facts={shown.map((column) => ({ label: both(column.label), value: cell(column, data[column.name], regionName), unit: column.unit ?? undefined }))} />
      {children?.(data)}
      {may && (
        <div className="tq-row">
          <Link to={page} patch={{ id: String(data[resource.key]) }}>
            {t('fleets.edit')}
          </Link>
          {data.active !== false && <Retire path={`${resource.path}/${encodeURIComponent(key)}`} done={() => void refetch()} />}
        </div>
      )}
    </section>
  )
}

/** End the registration; the row stays, with its history. */
function Retire({ path, done }: { path: string; done: () => void }): JSX.Element {
  const [failure, setFailure] = useState<unknown>(null)
  const retire = async (): Promise<void> => {
    setFailure(null)
    try {
      const { etag } = await tagged('GET', path)
      await tagged('POST', `${path}/retire`, { body: {}, etag: etag ?? undefined })
      done()
    } catch (error) {
      setFailure(error)
    }
  }
  return (
    <>
      <Popconfirm title={t('fleets.retire_sure')} okText={t('action.yes')} cancelText={t('action.no')} onConfirm={() => void retire()}>
        <Button size="small">{t('fleets.retire')}</Button>
      </Popconfirm>
      {failure !== null && <Failure error={failure} />}
    </>
  )
}
