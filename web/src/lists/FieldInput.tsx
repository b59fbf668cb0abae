/** The control for a field, by the type that the declaration gives it. */
import { useQuery } from '@tanstack/react-query'
import { Input, InputNumber, Select, Switch } from 'antd'
import { useState, type JSX } from 'react'
import { get } from '../api/http'
import { useMeta, useRegions } from '../api/queries'
import type { Field, Found, Resource, RowPage } from '../api/types'
import { useActor } from '../frame/session'
import { useSettled } from '../parts/hooks'
import { TimeInput } from '../parts/TimeInput'
import { both, t } from '../text/catalogue'

interface Props {
  field: Field
  id: string
  value: unknown
  onChange: (value: unknown) => void
  wrong: boolean
  describedBy: string
}

export function FieldInput({ field, id, value, onChange, wrong, describedBy }: Props): JSX.Element {
  const common = { id, status: wrong ? ('error' as const) : undefined, 'aria-describedby': describedBy, 'aria-invalid': wrong || undefined, 'aria-required': field.required || undefined }
  const text = value === null || value === undefined ? '' : String(value)
  const reference = useReference(field)
  const actor = useActor()
  if (field.options?.length) {
    const options = field.options.map((option) => ({ value: option.value as string, label: both(option.label) }))
    return <Select {...common} allowClear={!field.required} showSearch={options.length > 8 ? { optionFilterProp: 'label' } : undefined} mode={Array.isArray(value) ? 'multiple' : undefined} value={(value ?? undefined) as string | undefined} options={options} onChange={(next) => onChange(next ?? null)} />
  }
  switch (field.type) {
    case 'boolean':
      return <Switch id={id} checked={Boolean(value)} onChange={onChange} aria-label={both(field.label)} />
    case 'integer':
    case 'number':
      return <InputNumber {...common} value={(value ?? null) as number | null} min={undefined} precision={field.type === 'integer' ? 0 : undefined} onChange={(next) => onChange(next)} style={{ width: '100%' }} />
    case 'time':
      return <TimeInput id={id} describedBy={describedBy} value={typeof value === 'number' ? value : null} onChange={onChange} />
    case 'region':
      return <RegionInput {...common} value={text} required={Boolean(field.required)} onChange={onChange} />
    case 'urn':
      return <ThingInput {...common} value={text} onChange={onChange} />
    case 'password':
      return <Input.Password {...common} autoComplete="new-password" value={text} onChange={(event) => onChange(event.target.value || null)} />
    case 'longtext':
      return <Input.TextArea {...common} autoSize={{ minRows: 2, maxRows: 8 }} value={text} onChange={(event) => onChange(event.target.value || null)} />
    default:
      if (reference) return <RowInput {...common} resource={reference} value={text} onChange={onChange} />
      if (field.name === 'permissions' || Array.isArray(value)) return <ListInput {...common} known={field.name === 'permissions' ? actor.permissions : []} value={Array.isArray(value) ? (value as string[]) : []} onChange={onChange} />
      return <Input {...common} value={text} onChange={(event) => onChange(event.target.value || null)} />
  }
}

function RegionInput({ value, required, onChange, ...common }: { value: string; required: boolean; onChange: (value: unknown) => void; id: string; status?: 'error' }): JSX.Element {
  const { data } = useRegions()
  const names = new Map((data ?? []).map((region) => [region.code, region]))
  const full = (code: string): string => {
    const region = names.get(code)
    if (!region) return code
    return region.parent && names.has(region.parent) ? `${full(region.parent)} ${both(region.name)}` : both(region.name)
  }
  return <Select {...common} allowClear={!required} showSearch={{ optionFilterProp: 'label' }} value={value || undefined} options={(data ?? []).map((region) => ({ value: region.code, label: full(region.code) }))} onChange={(next) => onChange(next ?? null)} />
}

/** Several texts, chosen from those that are known or typed. */
function ListInput({ value, known, onChange, ...common }: { value: string[]; known: string[]; onChange: (value: unknown) => void; id: string; status?: 'error' }): JSX.Element {
  return <Select {...common} mode={known.length ? 'multiple' : 'tags'} value={value} tokenSeparators={[',', '\n']} options={known.map((one) => ({ value: one, label: one }))} onChange={(next) => onChange(next)} />
}

/** A thing by its URN, found by what is known of it. */
function ThingInput({ value, onChange, ...common }: { value: string; onChange: (value: unknown) => void; id: string; status?: 'error' }): JSX.Element {
  const [text, setText] = useState('')
  const settled = useSettled(text.trim())
  const { data, isFetching } = useQuery({ queryKey: ['search', settled], enabled: settled.length > 0, queryFn: async ({ signal }) => (await get<{ items: Found[] }>('search', { q: settled, limit: 20 }, signal)).items })
  const options = (data ?? []).map((found) => ({ value: found.urn, label: [found.title, found.subtitle].filter(Boolean).join(' · ') }))
  if (value && !options.some((option) => option.value === value)) options.unshift({ value, label: value })
  return <Select {...common} allowClear showSearch={{ filterOption: false, onSearch: setText }} value={value || undefined} options={options} loading={isFetching} notFoundContent={t(settled ? 'search.none' : 'search.hint', { text: settled })} onChange={(next) => onChange(next ?? null)} />
}

/** Names of fields that hold the key of a row of another list, where the plural does not tell. */
const REFERENCES: Record<string, string> = { person: 'identity.people', parent: 'identity.organisations' }

/** The list that a field's value is a key of: `organisation` is one of `identity.organisations`. */
function useReference(field: Field): Resource | undefined {
  const { data } = useMeta()
  if (field.type !== 'text') return undefined
  return data?.resources.find((resource) => resource.id === REFERENCES[field.name] || resource.id.endsWith(`.${field.name}s`))
}

/** A row of another list, found by what is known of it. */
function RowInput({ resource, value, onChange, ...common }: { resource: Resource; value: string; onChange: (value: unknown) => void; id: string; status?: 'error' }): JSX.Element {
  const [text, setText] = useState('')
  const settled = useSettled(text.trim())
  const { data, isFetching } = useQuery({ queryKey: ['rows-of', resource.id, settled], staleTime: 30_000, queryFn: ({ signal }) => get<RowPage>(resource.path, { q: settled, limit: 50 }, signal) })
  const named = resource.columns.find((column) => /^(name|title|plate|label)$/.test(column.name)) ?? resource.columns[0]
  const label = (row: Record<string, unknown>): string => {
    const name = row[named.name]
    return name && typeof name === 'object' ? both(name as { zh: string; en: string }) : String(name ?? row[resource.key])
  }
  const { data: chosen } = useQuery({ queryKey: ['row-of', resource.id, value], enabled: value !== '' && Boolean(data) && !data!.items.some((row) => String(row[resource.key]) === value), retry: false, queryFn: ({ signal }) => get<Record<string, unknown>>(`${resource.path}/${encodeURIComponent(value)}`, {}, signal) })
  const options = (data?.items ?? []).map((row) => ({ value: String(row[resource.key]), label: label(row) }))
  if (value && !options.some((option) => option.value === value)) options.unshift({ value, label: chosen ? label(chosen) : value })
  return <Select {...common} allowClear showSearch={{ filterOption: false, onSearch: setText }} placeholder={t('form.choose')} value={value || undefined} options={options} loading={isFetching} notFoundContent={t('search.none', { text: settled })} onChange={(next) => onChange(next ?? null)} />
}
