/** The list of a resource, made from its declaration: search, filter, sort, columns, export, new, edit. */
import { AppstoreOutlined, ColumnWidthOutlined, CompressOutlined, EditOutlined, FilterOutlined, PlusOutlined, UploadOutlined } from '@ant-design/icons'
import { Badge, Button, Checkbox, Dropdown, Input } from 'antd'
import { lazy, useEffect, useMemo, useState, type JSX } from 'react'
import { useRegionName } from '../api/queries'
import type { Column, Resource, Row } from '../api/types'
import { useMay } from '../frame/session'
import { Part } from '../parts/boundary'
import { usePhone, useSettled } from '../parts/hooks'
import { Empty, Failure, Skeleton } from '../parts/states'
import { go, patch, useFilters, useParam } from '../state/address'
import { both, t } from '../text/catalogue'
import { number } from '../text/format'
import { cell } from './cell'
import { FilterChips, Filters } from './Filters'
import { flat, useListQuery, useRows } from './query'
import { SaveButton } from './SaveButton'
import { VirtualList } from './VirtualList'
import { VirtualTable } from './VirtualTable'

const ResourceForm = lazy(() => import('./ResourceForm'))

interface Props {
  resource: Resource
  /** Called when a row is opened; absent: a row with a URN is selected, any other is edited. */
  onOpen?: (row: Row) => void
  /** What stands below the form of a row. */
  more?: (id: string) => JSX.Element
  /** Rows may be ended by DELETE; the words of the button. */
  removable?: string
  onSaved?: (row: Row) => void
  /** The words of a cell, where the type of its column does not give them. */
  words?: (column: Column, row: Row) => string | undefined
  /** The server makes the CSV itself (and writes it down). */
  serverCsv?: string
}

export default function ResourcePage(props: Props): JSX.Element {
  const { resource, more, removable, onSaved } = props
  const edited = useParam('id')
  const may = useMay(resource.edit_permission)
  if (edited) {
    return (
      <Part key={edited}>
        <ResourceForm resource={resource} id={edited === 'new' ? null : edited} may={may} removable={removable} onSaved={onSaved} onClose={() => patch({ id: null })}>
          {edited === 'new' ? null : more?.(edited)}
        </ResourceForm>
      </Part>
    )
  }
  return <List {...props} mayAdd={may && resource.form.length > 0} mayEdit={may && (resource.edit_form ?? resource.form).length > 0} />
}

/** The columns that are shown: those chosen in the address, else those declared for lists. */
function useColumns(resource: Resource): [Resource['columns'], Set<string>] {
  const chosen = useParam('cols')
  return useMemo(() => {
    const names = new Set(chosen ? chosen.split(',') : resource.columns.filter((column) => column.list !== false).map((column) => column.name))
    return [resource.columns.filter((column) => names.has(column.name)), names]
  }, [resource, chosen])
}

/** A row is named by a text: a kind, a time or a yes is no name. */
export function named(columns: Column[]): Column[] {
  const [first] = columns
  const unfit = (column: Column | undefined): boolean => Boolean(column && (column.options?.length || column.type === 'boolean' || column.type === 'time'))
  const name = unfit(first) ? columns.find((column) => column.type === 'text' && !column.options?.length) : undefined
  return name ? [name, ...columns.filter((column) => column !== name)] : columns
}

function List({ resource, mayAdd, mayEdit, onOpen, serverCsv, words }: Props & { mayAdd: boolean; mayEdit: boolean }): JSX.Element {
  const phone = usePhone()
  const wide = useParam('wide') === '1' && !phone
  const selected = useParam('sel')
  const query = useListQuery(resource)
  const rows = useRows(resource, query)
  const list = useMemo(() => flat(rows.data), [rows.data])
  const total = rows.data?.pages[0]?.total ?? null
  const [columns, names] = useColumns(resource)
  const regionName = useRegionName()
  const [filtersOpen, setFiltersOpen] = useState(false)
  const edit = (row: Row): void => patch({ id: String(row[resource.key]) })
  const open = (row: Row): void => {
    const urn = resource.urn_field ? row[resource.urn_field] : null
    if (onOpen) onOpen(row)
    else if (urn) patch({ sel: String(urn), tab: null, frame: null })
    else edit(row)
  }
  const text = (column: Column, row: Row): string => words?.(column, row) ?? cell(column, row[column.name], regionName)
  const isSelected = (row: Row): boolean => Boolean(resource.urn_field && selected && row[resource.urn_field] === selected)
  const more = (): void => {
    if (rows.hasNextPage && !rows.isFetchingNextPage && !rows.isFetchNextPageError) void rows.fetchNextPage()
  }
  const editButton = (row: Row): JSX.Element | null =>
    mayEdit && resource.urn_field ? <Button type="text" size="small" icon={<EditOutlined />} aria-label={t('list.edit', { name: String(row[columns[0]?.name] ?? row[resource.key] ?? '') })} onClick={() => edit(row)} /> : null
  return (
    <div className="tq-list">
      <Tools resource={resource} mayAdd={mayAdd} columns={columns} serverCsv={serverCsv} words={words} names={names} wide={wide} phone={phone} filtersOpen={filtersOpen} onFilters={() => setFiltersOpen(!filtersOpen)} />
      {filtersOpen && <Filters resource={resource} />}
      <FilterChips resource={resource} />
      {rows.isPending && <Skeleton rows={10} />}
      {rows.error && !list.length && <Failure error={rows.error} again={() => void rows.refetch()} />}
      {rows.data && !list.length && <NoRows resource={resource} mayAdd={mayAdd} />}
      {list.length > 0 &&
        (wide ? (
          <VirtualTable columns={columns} rows={list} keyName={resource.key} total={total} onOpen={open} onEnd={more} isSelected={isSelected} text={text} extra={editButton} label={both(resource.title)} />
        ) : (
          <VirtualList columns={named(columns)} rows={list} keyName={resource.key} onOpen={open} onEnd={more} isSelected={isSelected} text={text} extra={editButton} label={both(resource.title)} />
        ))}
      {list.length > 0 && (
        <footer className="tq-list-foot">
          <span>{total === null ? t('list.loaded', { n: number(list.length) }) : t('list.of', { n: number(list.length), total: number(total) })}</span>
          {rows.isFetchingNextPage && <span>{t('state.loading')}</span>}
          {rows.isFetchNextPageError && (
            <Button size="small" onClick={() => void rows.fetchNextPage()}>
              {t('action.again')}
            </Button>
          )}
        </footer>
      )}
    </div>
  )
}

function NoRows({ resource, mayAdd }: { resource: Resource; mayAdd: boolean }): JSX.Element {
  const q = useParam('q')
  const [filters, entries] = useFilters()
  if (q || filters) {
    const none = { q: null, ...Object.fromEntries(entries.map(([name]) => [`f.${name}`, null])) }
    return (
      <Empty title={t('list.none_match')} hint={t('list.none_match_hint')}>
        <Button onClick={() => patch(none)}>{t('list.clear')}</Button>
      </Empty>
    )
  }
  return (
    <Empty title={t('list.empty')} hint={resource.importer ? t('list.empty_import') : t('list.empty_hint')}>
      {mayAdd && (
        <Button type="primary" onClick={() => patch({ id: 'new' })}>
          {t('list.new')}
        </Button>
      )}
    </Empty>
  )
}

interface ToolsProps {
  resource: Resource
  mayAdd: boolean
  columns: Column[]
  serverCsv?: string
  words?: Props['words']
  names: Set<string>
  wide: boolean
  phone: boolean
  filtersOpen: boolean
  onFilters: () => void
}

function Tools({ resource, mayAdd, columns, serverCsv, words, names, wide, phone, filtersOpen, onFilters }: ToolsProps): JSX.Element {
  const q = useParam('q')
  const [text, setText] = useState(q ?? '')
  const settled = useSettled(text.trim())
  const query = useListQuery(resource)
  const [, set] = useFilters()
  useEffect(() => {
    if (settled !== (q ?? '')) patch({ q: settled || null }, true)
    // Only what is typed writes; the address is read when the page opens.
  }, [settled])
  const filterable = resource.columns.some((column) => column.filter)
  const choose = (name: string): void => {
    const next = new Set(names)
    if (!next.delete(name)) next.add(name)
    patch({ cols: resource.columns.filter((column) => next.has(column.name)).map((column) => column.name).join(',') || null })
  }
  return (
    <div className="tq-list-tools">
      <Input allowClear size="middle" value={text} onChange={(event) => setText(event.target.value)} placeholder={t('list.search')} aria-label={t('list.search')} />
      {filterable && (
        <Badge count={set.length} size="small" color="var(--accent)">
          <Button icon={<FilterOutlined />} aria-label={t('list.filter')} title={t('list.filter')} aria-expanded={filtersOpen} onClick={onFilters} />
        </Badge>
      )}
      <Dropdown
        trigger={['click']}
        popupRender={() => (
          <div className="tq-card tq-columns">
            {resource.columns.map((column) => (
              <Checkbox key={column.name} checked={names.has(column.name)} onChange={() => choose(column.name)}>
                {both(column.label)}
              </Checkbox>
            ))}
          </div>
        )}
      >
        <Button icon={<AppstoreOutlined />} aria-label={t('list.columns')} title={t('list.columns')} />
      </Dropdown>
      {!phone && <Button icon={wide ? <CompressOutlined /> : <ColumnWidthOutlined />} aria-label={t(wide ? 'list.narrow' : 'list.wide')} title={t(wide ? 'list.narrow' : 'list.wide')} onClick={() => patch({ wide: wide ? null : 1 })} />}
      <SaveButton resource={resource} query={query} columns={columns} words={words} serverCsv={serverCsv} />
      {resource.importer && mayAdd && <Button icon={<UploadOutlined />} aria-label={t('list.import')} title={t('list.import')} onClick={() => go('/platform/imports', { importer: resource.importer })} />}
      {mayAdd && <Button type="primary" icon={<PlusOutlined />} aria-label={t('list.new')} title={t('list.new')} onClick={() => patch({ id: 'new' })} />}
    </div>
  )
}
