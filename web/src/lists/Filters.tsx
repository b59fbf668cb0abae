/** Filters by the types of the columns; what is set stands as chips above the rows. */
import { Button, Input, InputNumber, Select, Tag } from 'antd'
import { useEffect, useState, type JSX } from 'react'
import { useRegionName, useRegions } from '../api/queries'
import type { Column, Resource } from '../api/types'
import { useSettled } from '../parts/hooks'
import { TimeInput } from '../parts/TimeInput'
import { patch, useFilters, useParam } from '../state/address'
import { both, t } from '../text/catalogue'
import { number, shortTime } from '../text/format'
import { cell, type RegionName } from './cell'
import { filterKind, readRange, writeRange } from './filterValue'
import { ThingInput } from './references'

export function Filters({ resource }: { resource: Resource }): JSX.Element {
  return (
    <div className="tq-filters" role="group" aria-label={t('list.filter')}>
      {resource.columns
        .filter((column) => column.filter)
        .map((column) => (
          <Filter key={column.name} column={column} />
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

interface ControlProps {
  column: Column
  label: string
  value: string | null
  set: (next: string | null | undefined) => void
}

function Filter({ column }: { column: Column }): JSX.Element {
  const value = useParam(`f.${column.name}`)
  const set = (next: string | null | undefined): void => patch({ [`f.${column.name}`]: next || null })
  const kind = filterKind(column)
  const props = { column, label: both(column.label), value, set }
  const Control = CONTROLS[kind]
  const heading = (
    <span>
      {props.label}
      {column.unit && <small> {column.unit}</small>}
    </span>
  )
  // A range has two fields, each with a label of its own.
  if (kind === 'number' || kind === 'time') {
    return (
      <fieldset className={`tq-filter-range is-${kind}`}>
        <legend>{heading}</legend>
        <Control {...props} />
      </fieldset>
    )
  }
  return (
    <label>
      {heading}
      <Control {...props} />
    </label>
  )
}

const CONTROLS: Record<ReturnType<typeof filterKind>, (props: ControlProps) => JSX.Element> = {
  options: ({ column, label, value, set }) => (
    <Select size="small" mode="multiple" allowClear maxTagCount="responsive" showSearch={{ optionFilterProp: 'label' }} value={value ? value.split(',') : []} aria-label={label} onChange={(next: string[]) => set(next.join(','))} options={column.options!.map((option) => ({ value: String(option.value), label: both(option.label) }))} />
  ),
  boolean: ({ label, value, set }) => <Select size="small" allowClear value={value} aria-label={label} onChange={set} options={[{ value: 'true', label: t('action.yes') }, { value: 'false', label: t('action.no') }]} />,
  region: RegionFilter,
  thing: ({ column, value, set }) => <ThingInput size="small" id={`filter-${column.name}`} value={value ?? ''} onChange={(next) => set(next as string | null)} />,
  number: NumberRange,
  time: TimeRange,
  text: TextFilter,
}

function RegionFilter({ label, value, set }: ControlProps): JSX.Element {
  const { data: regions } = useRegions()
  return <Select size="small" allowClear showSearch={{ optionFilterProp: 'label' }} value={value} aria-label={label} onChange={set} options={(regions ?? []).map((region) => ({ value: region.code, label: `${both(region.name)} ${region.code}` }))} />
}

function NumberRange({ label, value, set }: ControlProps): JSX.Element {
  const [low, high] = readRange(value)
  const wrong = low !== null && high !== null && low > high
  return (
    <>
      <InputNumber size="small" value={low} status={wrong ? 'error' : undefined} placeholder={t('list.least')} aria-label={t('list.least_of', { name: label })} onChange={(next) => set(writeRange(next, high))} />
      <InputNumber size="small" value={high} status={wrong ? 'error' : undefined} placeholder={t('list.most')} aria-label={t('list.most_of', { name: label })} onChange={(next) => set(writeRange(low, next))} />
    </>
  )
}

const HOUR_MS = 3_600_000

function TimeRange({ label, value, set }: ControlProps): JSX.Element {
  const [low, high] = readRange(value)
  return (
    <>
      <TimeInput label={t('list.from_of', { name: label })} value={low} onChange={(next) => set(writeRange(next, high))} />
      <TimeInput label={t('list.to_of', { name: label })} value={high} onChange={(next) => set(writeRange(low, next))} />
      <div className="tq-row">
        {[1, 24, 168].map((hours) => (
          <Button key={hours} size="small" type="link" onClick={() => set(writeRange(Math.floor(Date.now() / 1000) * 1000 - hours * HOUR_MS, null))}>
            {t(hours < 24 ? 'track.last' : 'list.last_days', { n: hours < 24 ? hours : hours / 24 })}
          </Button>
        ))}
      </div>
    </>
  )
}

function TextFilter({ value, label, set }: ControlProps): JSX.Element {
  const own = value?.replace(/^~/, '') ?? ''
  const [text, setText] = useState(own)
  const settled = useSettled(text.trim(), 350)
  useEffect(() => setText((now) => (now.trim() === own ? now : own)), [own])
  useEffect(() => {
    if (settled !== own && settled === text.trim()) set(settled && `~${settled}`)
  }, [settled])
  return <Input size="small" allowClear value={text} aria-label={label} onChange={(event) => setText(event.target.value)} />
}

/** A filter in words. */
function words(column: Column, value: string, regionName: RegionName): string {
  const kind = filterKind(column)
  if (kind === 'options') return value.split(',').map((one) => cell(column, one, regionName)).join(t('list.comma'))
  if (kind === 'number' || kind === 'time') {
    const [low, high] = readRange(value)
    const say = (end: number | null): string => (end === null ? '' : kind === 'time' ? shortTime(end) : number(end, Number.isInteger(end) ? 0 : 2))
    if (low === high) return say(low)
    if (high === null) return t('list.at_least', { value: say(low) })
    return low === null ? t('list.at_most', { value: say(high) }) : `${say(low)} – ${say(high)}`
  }
  return cell(column, kind === 'boolean' ? value === 'true' : value.replace(/^~/, ''), regionName)
}

export function FilterChips({ resource }: { resource: Resource }): JSX.Element | null {
  const [, filters] = useFilters()
  const regionName = useRegionName()
  const region = useParam('region')
  const home = resource.columns.find((column) => column.type === 'region' && column.filter)
  const known = filters.flatMap(([name, value]) => {
    const column = resource.columns.find((item) => item.name === name)
    return column ? [{ column, value }] : []
  })
  const within = region && home && !known.some(({ column }) => column === home)
  if (!known.length && !within) return null
  return (
    <div className="tq-chips">
      {within && <Tag>{t('list.within', { name: regionName(region) })}</Tag>}
      {known.map(({ column, value }) => (
        <Tag key={column.name} closable={{ closeIcon: true, 'aria-label': t('list.clear_one', { name: both(column.label) }) }} onClose={() => patch({ [`f.${column.name}`]: null })}>
          {both(column.label)}: {words(column, value, regionName)}
        </Tag>
      ))}
      {known.length > 1 && (
        <button type="button" className="tq-linklike tq-small" onClick={() => patch(Object.fromEntries(known.map(({ column }) => [`f.${column.name}`, null])))}>
          {t('list.clear')}
        </button>
      )}
    </div>
  )
}
