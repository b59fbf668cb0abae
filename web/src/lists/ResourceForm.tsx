/** The form of a resource, made from its declaration. It checks while typing, and saves with the version it read. */
import { useQuery, type InfiniteData } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState, type FormEvent, type JSX, type ReactNode } from 'react'
import { ApiError, remove, tagged, type Tagged } from '../api/http'
import { client, useRegionName } from '../api/queries'
import type { Field, Resource, Row, RowPage } from '../api/types'
import { Facts } from '../parts/Facts'
import { Failure, Skeleton } from '../parts/states'
import { both, t } from '../text/catalogue'
import { cell } from './cell'
import { checkAll, type Values } from './check'
import { FieldSet } from './FieldSet'

interface Props {
  resource: Resource
  /** null makes a new one. */
  id: string | null
  /** The person may change rows. */
  may: boolean
  removable?: string
  onSaved?: (row: Row) => void
  onClose: () => void
  children?: ReactNode
}

/** A row that a list has loaded already. */
function loaded(resource: Resource, id: string): Row | undefined {
  for (const [, data] of client.getQueriesData<InfiniteData<RowPage>>({ queryKey: ['rows', resource.id] })) {
    for (const page of data?.pages ?? []) {
      const row = page.items.find((item) => String(item[resource.key]) === id)
      if (row) return row
    }
  }
  return undefined
}

export default function ResourceForm({ resource, id, may, removable, onSaved, onClose, children }: Props): JSX.Element {
  const form = id === null ? resource.form : (resource.edit_form ?? resource.form)
  const known = id !== null && !form.length ? loaded(resource, id) : undefined
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['row', resource.id, id],
    enabled: id !== null && !known,
    staleTime: 0,
    gcTime: 0,
    queryFn: ({ signal }) => tagged<Row>('GET', `${resource.path}/${encodeURIComponent(id!)}`, { signal }),
  })
  if (id !== null && !known && isPending) return <Skeleton rows={8} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  const row = known ?? data?.value ?? {}
  const editable = may && form.length > 0
  return (
    <div className="tq-scroll">
      {editable ? (
        <Form key={data?.etag ?? 'new'} resource={resource} form={form} id={id} row={row} etag={data?.etag ?? undefined} onSaved={onSaved} onClose={onClose} again={() => void refetch()} />
      ) : (
        <ReadOnly resource={resource} row={row} onClose={onClose} />
      )}
      {may && removable && id !== null && <Removal resource={resource} id={id} label={removable} onDone={onClose} />}
      {children}
    </div>
  )
}

function Removal({ resource, id, label, onDone }: { resource: Resource; id: string; label: string; onDone: () => void }): JSX.Element {
  const [failure, setFailure] = useState<unknown>(null)
  const end = (): void => {
    setFailure(null)
    remove(`${resource.path}/${encodeURIComponent(id)}`)
      .then(() => client.invalidateQueries({ queryKey: ['rows', resource.id] }))
      .then(onDone)
      .catch(setFailure)
  }
  return (
    <div className="tq-pad">
      {failure !== null && <Failure error={failure} />}
      <Popconfirm title={t('form.sure')} okText={t('action.yes')} cancelText={t('action.no')} onConfirm={end}>
        <Button danger>{label}</Button>
      </Popconfirm>
    </div>
  )
}

function ReadOnly({ resource, row, onClose }: { resource: Resource; row: Row; onClose: () => void }): JSX.Element {
  const regionName = useRegionName()
  return (
    <div className="tq-form">
      <Facts facts={resource.columns.map((column) => ({ label: both(column.label), value: cell(column, row[column.name], regionName) || '—', unit: column.unit ?? undefined }))} />
      <Button onClick={onClose}>{t('action.back_list')}</Button>
    </div>
  )
}

interface FormProps {
  resource: Resource
  form: Field[]
  id: string | null
  row: Row
  etag?: string
  onSaved?: (row: Row) => void
  onClose: () => void
  again: () => void
}

function Form({ resource, form, id, row, etag, onSaved, onClose, again }: FormProps): JSX.Element {
  const initial = Object.fromEntries(form.map((field) => [field.name, row[field.name] ?? (id === null ? (field.default ?? null) : null)]))
  const [values, setValues] = useState<Values>(initial)
  const [touched, setTouched] = useState<Set<string>>(new Set())
  const [tried, setTried] = useState(false)
  const [refused, setRefused] = useState<Record<string, string>>({})
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const problems = checkAll(form, values)
  const changed = form.filter((field) => JSON.stringify(values[field.name]) !== JSON.stringify(initial[field.name]))
  const set = (field: Field, value: unknown, path: string): void => {
    setValues((now) => ({ ...now, [field.name]: value }))
    setTouched((now) => new Set(now).add(path))
    setRefused((now) => Object.fromEntries(Object.entries(now).filter(([name]) => name !== path)))
  }
  const said = (path: string): string => refused[path] || (tried || touched.has(path) ? (problems[path] ?? '') : '')
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setTried(true)
    const [wrong] = Object.keys(problems)
    if (wrong) {
      focusField(wrong)
      return
    }
    setBusy(true)
    setFailure(null)
    try {
      let saved: Tagged<Row>
      if (id === null) saved = await tagged<Row>('POST', resource.path, { body: Object.fromEntries(form.map((field) => [field.name, values[field.name]]).filter(([, value]) => value !== null)) })
      else saved = await tagged<Row>('PATCH', `${resource.path}/${encodeURIComponent(id)}`, { body: Object.fromEntries(changed.map((field) => [field.name, values[field.name]])), etag })
      await client.invalidateQueries({ queryKey: ['rows', resource.id] })
      onSaved?.(saved.value)
      onClose()
    } catch (error) {
      setFailure(error)
      const found = byField(error, form)
      setRefused(found)
      const [first] = Object.keys(found)
      if (first) focusField(first)
    } finally {
      setBusy(false)
    }
  }
  const stale = failure instanceof ApiError && failure.status === 412
  return (
    <form className="tq-form" onSubmit={(event) => void save(event)} noValidate>
      <h2>{id === null ? t('form.new', { what: both(resource.title) }) : t('form.edit', { what: String(row[(resource.columns.find((column) => column.list !== false) ?? resource.columns[0])?.name] ?? id) })}</h2>
      <FieldSet fields={form} values={values} path="" onChange={set} said={said} />
      {failure !== null && (
        <>
          <Failure error={failure} />
          {stale && <Button onClick={again}>{t('form.read_again')}</Button>}
        </>
      )}
      <div className="tq-row tq-form-foot">
        <Button type="primary" htmlType="submit" loading={busy} disabled={id !== null && !changed.length}>
          {t('action.save')}
        </Button>
        <Button onClick={onClose}>{t('action.cancel')}</Button>
        {id !== null && changed.length > 0 && <span className="tq-dim">{t('form.changed', { n: changed.length })}</span>}
        {tried && Object.keys(problems).length > 0 && (
          <span className="tq-wrong" role="status">
            {t('form.wrong', { n: Object.keys(problems).length })}
          </span>
        )}
      </div>
    </form>
  )
}

const focusField = (path: string): void => document.getElementById(`field-${path}`)?.focus()

/** What the server found wrong, by field. */
function byField(error: unknown, form: Field[]): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  const { problem } = error
  const all = [...(problem.problems ?? []), ...(problem.field ? [{ field: problem.field, detail: problem.detail ?? problem.code }] : [])]
  const known = (path: string): boolean => form.some((field) => path === field.name || path.startsWith(`${field.name}.`))
  return Object.fromEntries(all.flatMap((item) => (item.field && known(item.field) ? [[item.field, both(item.detail)]] : [])))
}
