/** The same rows as a table with all chosen columns: sorted by their heads, virtual in height. */
import { CaretDownOutlined, CaretUpOutlined } from '@ant-design/icons'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, type JSX } from 'react'
import type { Column } from '../api/types'
import { patch, useParam } from '../state/address'
import { both, t } from '../text/catalogue'
import { useWalk, type RowsProps } from './VirtualList'

const ROW_PX = 36
const WIDTHS: Partial<Record<Column['type'], string>> = { time: '170px', integer: '110px', number: '110px', boolean: '80px', urn: '220px' }

export function VirtualTable({ columns, rows, keyName, label, total, onOpen, onEnd, isSelected, text, extra }: RowsProps & { total: number | null }): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 10 })
  const shown = virtual.getVirtualItems()
  const lastShown = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (lastShown >= rows.length - 30) onEnd()
  }, [lastShown, rows.length])
  useWalk(box, rows.length, (index) => virtual.scrollToIndex(index))
  const template = `${columns.map((column) => WIDTHS[column.type] ?? 'minmax(120px, 1fr)').join(' ')} 44px`
  return (
    <div className="tq-table-box" ref={box}>
      <div className="tq-table" role="table" aria-label={label} aria-rowcount={(total ?? rows.length) + 1} style={{ '--columns': template } as never}>
        <div role="rowgroup" className="tq-table-head">
          <div role="row" className="tq-table-row">
            {columns.map((column) => (
              <Head key={column.name} column={column} />
            ))}
            <span role="columnheader">
              <span className="tq-hidden">{t('list.actions')}</span>
            </span>
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {shown.map(({ index, start }) => {
            const row = rows[index]
            return (
              <div key={String(row[keyName] ?? index)} role="row" aria-rowindex={index + 2} className={isSelected(row) ? 'tq-table-row is-selected' : 'tq-table-row'} style={{ transform: `translateY(${start}px)`, height: ROW_PX, position: 'absolute', left: 0, right: 0 }} onClick={() => onOpen(row)}>
                {columns.map((column, i) => {
                  const value = text(column, row)
                  const numeric = column.type === 'integer' || column.type === 'number'
                  return (
                    <span key={column.name} role="cell" className={numeric ? 'is-number' : ''} title={value}>
                      {i === 0 ? (
                        <button type="button" data-row={index} onClick={(event) => (event.stopPropagation(), onOpen(row))}>
                          {value || '—'}
                        </button>
                      ) : (
                        value
                      )}
                    </span>
                  )
                })}
                <span role="cell" onClick={(event) => event.stopPropagation()}>
                  {extra?.(row)}
                </span>
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

function Head({ column }: { column: Column }): JSX.Element {
  const sort = useParam('sort')
  const down = sort === `-${column.name}`
  const up = sort === column.name
  const label = (
    <>
      {both(column.label)}
      {column.unit && <small> {column.unit}</small>}
    </>
  )
  if (!column.sort) return <span role="columnheader">{label}</span>
  return (
    <span role="columnheader" aria-sort={down ? 'descending' : up ? 'ascending' : 'none'}>
      <button type="button" onClick={() => patch({ sort: up ? `-${column.name}` : down ? null : column.name })}>
        {label}
        {up && <CaretUpOutlined />}
        {down && <CaretDownOutlined />}
      </button>
    </span>
  )
}
