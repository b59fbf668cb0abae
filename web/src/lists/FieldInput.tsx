/** The control for a field, by the type that the declaration gives it. */
import { useQuery } from '@tanstack/react-query'
import { Input, InputNumber, Select, Switch } from 'antd'
import { useState, type JSX } from 'react'
import { get } from '../api/http'
import { useRegions } from '../api/queries'
import type { Field, Found } from '../api/types'
import { useSettled } from '../parts/hooks'
import { both, t } from '../text/catalogue'
import { fromInput, toInput } from '../text/format'

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
      return <input id={id} aria-describedby={describedBy} className="tq-input" type="datetime-local" step={1} value={typeof value === 'number' ? toInput(value) : ''} onChange={(event) => onChange(Number.isFinite(fromInput(event.target.value)) ? fromInput(event.target.value) : null)} />
    case 'region':
      return <RegionInput {...common} value={text} required={Boolean(field.required)} onChange={onChange} />
    case 'urn':
      return <ThingInput {...common} value={text} onChange={onChange} />
    case 'password':
      return <Input.Password {...common} autoComplete="new-password" value={text} onChange={(event) => onChange(event.target.value || null)} />
    case 'longtext':
      return <Input.TextArea {...common} autoSize={{ minRows: 2, maxRows: 8 }} value={text} onChange={(event) => onChange(event.target.value || null)} />
    default:
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

/** A thing by its URN, found by what is known of it. */
function ThingInput({ value, onChange, ...common }: { value: string; onChange: (value: unknown) => void; id: string; status?: 'error' }): JSX.Element {
  const [text, setText] = useState('')
  const settled = useSettled(text.trim())
  const { data, isFetching } = useQuery({ queryKey: ['search', settled], enabled: settled.length > 0, queryFn: async ({ signal }) => (await get<{ items: Found[] }>('search', { q: settled, limit: 20 }, signal)).items })
  const options = (data ?? []).map((found) => ({ value: found.urn, label: [found.title, found.subtitle].filter(Boolean).join(' · ') }))
  if (value && !options.some((option) => option.value === value)) options.unshift({ value, label: value })
  return <Select {...common} allowClear showSearch={{ filterOption: false, onSearch: setText }} value={value || undefined} options={options} loading={isFetching} notFoundContent={t(settled ? 'search.none' : 'search.hint', { text: settled })} onChange={(next) => onChange(next ?? null)} />
}
