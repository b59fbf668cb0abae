/** The control for a field, by the type that the declaration gives it. */
import { Input, InputNumber, Select, Switch } from 'antd'
import type { Geometry } from 'geojson'
import type { JSX } from 'react'
import { useRegions } from '../api/queries'
import type { Field } from '../api/types'
import { useActor } from '../frame/session'
import { TimeInput } from '../parts/TimeInput'
import { both } from '../text/catalogue'
import { GeometryInput } from './GeometryInput'
import { RowInput, ThingInput, useReference } from './references'

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
    return <Select {...common} allowClear={!field.required} showSearch={options.length > 8 ? { optionFilterProp: 'label' } : undefined} mode={field.several || Array.isArray(value) ? 'multiple' : undefined} value={(value ?? (field.several ? [] : undefined)) as string | undefined} options={options} onChange={(next) => onChange(next ?? null)} />
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
    case 'geometry':
      return <GeometryInput {...common} label={both(field.label)} shapes={field.shapes ?? ['point', 'line', 'polygon']} value={(value ?? null) as Geometry | null} onChange={onChange} />
    case 'password':
      return <Input.Password {...common} autoComplete="new-password" value={text} onChange={(event) => onChange(event.target.value || null)} />
    case 'longtext':
      return <Input.TextArea {...common} autoSize={{ minRows: 2, maxRows: 8 }} value={text} onChange={(event) => onChange(event.target.value || null)} />
    default:
      if (reference) return <RowInput {...common} resource={reference} value={text} onChange={onChange} />
      if (field.name === 'permissions' || field.several || Array.isArray(value)) return <ListInput {...common} known={field.name === 'permissions' ? actor.permissions : []} value={Array.isArray(value) ? (value as string[]) : []} onChange={onChange} />
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
