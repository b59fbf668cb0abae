/** Filters by the types of the columns; what is set stands as chips above the rows. */
import { Input, Select, Tag } from 'antd'
import { useEffect, useState, type JSX } from 'react'
import { useRegionName, useRegions } from '../api/queries'
import type { Column, Resource } from '../api/types'
import { useSettled } from '../parts/hooks'
import { patch, useFilters, useParam } from '../state/address'
import { both, t } from '../text/catalogue'
import { cell } from './cell'

export function Filters({ resource }: { resource: Resource }): JSX.Element {
  return (
    <div className="tq-filters" role="group" aria-label={t('list.filter')}>
      {resource.columns
        .filter((column) => column.filter)
        .map((column) => (
          <label key={column.name}>
            <span>{both(column.label)}</span>
            <Filter column={column} />
          </label>
        ))}
      <label>
        <span>{t('list.sort')}</span>
        <SortBy resource={resource} />
      </label>
    </div>
  )
}

function SortBy({ resource }: { resource: Resource }): JSX.Element {
  const sort = useParam('sort')
  const options = resource.columns
    .filter((column) => column.sort)
    .flatMap((column) => [
      { value: column.name, label: t('list.up', { name: both(column.label) }) },
      { value: `-${column.name}`, label: t('list.down', { name: both(column.label) }) },
    ])
  return <Select size="small" allowClear value={sort} options={options} onChange={(value) => patch({ sort: value ?? null })} aria-label={t('list.sort')} />
}

function Filter({ column }: { column: Column }): JSX.Element {
  const value = useParam(`f.${column.name}`)
  const set = (next: string | null | undefined): void => patch({ [`f.${column.name}`]: next || null })
  const label = both(column.label)
  const { data: regions } = useRegions()
  if (column.type === 'region') {
    return <Select size="small" allowClear showSearch={{ optionFilterProp: 'label' }} value={value} aria-label={label} onChange={set} options={(regions ?? []).map((region) => ({ value: region.code, label: `${both(region.name)} ${region.code}` }))} />
  }
  if (column.type === 'boolean') {
    return <Select size="small" allowClear value={value} aria-label={label} onChange={set} options={[{ value: 'true', label: t('action.yes') }, { value: 'false', label: t('action.no') }]} />
  }
  if (column.options?.length) {
    return <Select size="small" allowClear showSearch={{ optionFilterProp: 'label' }} value={value} aria-label={label} onChange={set} options={column.options.map((option) => ({ value: String(option.value), label: both(option.label) }))} />
  }
  return <TextFilter value={value ?? ''} label={label} onSet={set} />
}

function TextFilter({ value, label, onSet }: { value: string; label: string; onSet: (next: string) => void }): JSX.Element {
  const [text, setText] = useState(value)
  const settled = useSettled(text.trim(), 350)
  useEffect(() => {
    if (settled !== value) onSet(settled)
  }, [settled])
  return <Input size="small" allowClear value={text} aria-label={label} onChange={(event) => setText(event.target.value)} />
}

export function FilterChips({ resource }: { resource: Resource }): JSX.Element | null {
  const [, filters] = useFilters()
  const regionName = useRegionName()
  const known = filters.flatMap(([name, value]) => {
    const column = resource.columns.find((item) => item.name === name)
    return column ? [{ column, value }] : []
  })
  if (!known.length) return null
  return (
    <div className="tq-chips">
      {known.map(({ column, value }) => (
        <Tag key={column.name} closable={{ closeIcon: true, 'aria-label': t('list.clear_one', { name: both(column.label) }) }} onClose={() => patch({ [`f.${column.name}`]: null })}>
          {both(column.label)}: {cell(column, column.type === 'boolean' ? value === 'true' : value, regionName)}
        </Tag>
      ))}
    </div>
  )
}
