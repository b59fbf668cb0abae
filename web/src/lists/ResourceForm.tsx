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
import { check, type Values } from './check'
import { FieldInput } from './FieldInput'

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
  const [refused, setRefused] = useState<Record<string, string>>({})
  const [failure, setFailure] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const problems = Object.fromEntries(form.map((field) => [field.name, check(field, values[field.name])]))
  const changed = form.filter((field) => JSON.stringify(values[field.name]) !== JSON.stringify(initial[field.name]))
  const set = (field: Field, value: unknown): void => {
    setValues((now) => ({ ...now, [field.name]: value }))
    setTouched((now) => new Set(now).add(field.name))
    setRefused(({ [field.name]: _, ...rest }) => rest)
  }
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setTouched(new Set(form.map((field) => field.name)))
    const wrong = form.find((field) => problems[field.name])
    if (wrong) {
      document.getElementById(`field-${wrong.name}`)?.focus()
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
      setRefused(byField(error, form))
    } finally {
      setBusy(false)
    }
  }
  const stale = failure instanceof ApiError && failure.status === 412
  return (
    <form className="tq-form" onSubmit={(event) => void save(event)} noValidate>
      <h2>{id === null ? t('form.new', { what: both(resource.title) }) : t('form.edit', { what: String(row[(resource.columns.find((column) => column.list !== false) ?? resource.columns[0])?.name] ?? id) })}</h2>
      {form.map((field) => {
        const problem = refused[field.name] || (touched.has(field.name) ? problems[field.name] : '')
        return (
          <div className={problem ? 'tq-field is-wrong' : 'tq-field'} key={field.name}>
            <label htmlFor={`field-${field.name}`}>
              {both(field.label)}
              {field.required && (
                <span className="tq-must" aria-hidden="true">
                  *
                </span>
              )}
              {field.unit && <small> {field.unit}</small>}
            </label>
            <FieldInput field={field} id={`field-${field.name}`} value={values[field.name]} onChange={(value) => set(field, value)} wrong={Boolean(problem)} describedBy={`help-${field.name}`} />
            <p id={`help-${field.name}`} className={problem ? 'tq-wrong' : 'tq-help'} role={problem ? 'alert' : undefined}>
              {problem || both(field.help)}
            </p>
          </div>
        )
      })}
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
      </div>
    </form>
  )
}

/** What the server found wrong, by field. */
function byField(error: unknown, form: Field[]): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  const { problem } = error
  const all = [...(problem.problems ?? []), ...(problem.field ? [{ field: problem.field, detail: problem.detail ?? problem.code }] : [])]
  return Object.fromEntries(all.filter((item) => form.some((field) => field.name === item.field)).map((item) => [item.field!, both(item.detail)]))
}
