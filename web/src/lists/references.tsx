/** Controls for values that name something else: a thing by its URN, a row of another list by its key. */
import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState, type JSX } from 'react'
import { get } from '../api/http'
import { useMeta } from '../api/queries'
import type { Field, Found, Resource, RowPage } from '../api/types'
import { useSettled } from '../parts/hooks'
import { both, t } from '../text/catalogue'

interface ReferenceProps {
  id: string
  value: string
  onChange: (value: unknown) => void
  status?: 'error'
  size?: 'small'
}

/** A thing by its URN, found by what is known of it. */
export function ThingInput({ value, onChange, ...common }: ReferenceProps): JSX.Element {
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
export function useReference(field: Field): Resource | undefined {
  const { data } = useMeta()
  if (field.refers) return data?.resources.find((resource) => resource.id === field.refers)
  if (field.type !== 'text') return undefined
  return data?.resources.find((resource) => resource.id === REFERENCES[field.name] || resource.id.endsWith(`.${field.name}s`))
}

/** A row of another list, found by what is known of it. */
export function RowInput({ resource, value, onChange, ...common }: ReferenceProps & { resource: Resource }): JSX.Element {
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
