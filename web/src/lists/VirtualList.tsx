/** Rows of two lines for a narrow panel; thousands of them, only those in view are in the document. j/k walk. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, type JSX, type ReactNode } from 'react'
import type { Column, Row } from '../api/types'
import { useKey } from '../parts/hooks'
import { both } from '../text/catalogue'

const ROW_PX = 52

export interface RowsProps {
  columns: Column[]
  rows: Row[]
  keyName: string
  label: string
  onOpen: (row: Row) => void
  onEnd: () => void
  isSelected: (row: Row) => boolean
  text: (column: Column, row: Row) => string
  extra?: (row: Row) => ReactNode
}

export function VirtualList({ columns, rows, keyName, label, onOpen, onEnd, isSelected, text, extra }: RowsProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW_PX, overscan: 6 })
  const shown = virtual.getVirtualItems()
  const lastShown = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (lastShown >= rows.length - 20) onEnd()
  }, [lastShown, rows.length])
  useWalk(box, rows.length, (index) => virtual.scrollToIndex(index))
  const [first, ...rest] = columns
  return (
    <div className="tq-rows" ref={box} role="list" aria-label={label}>
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {shown.map(({ index, start }) => {
          const row = rows[index]
          const more = rest.map((column) => [column, text(column, row)] as const).filter(([, value]) => value)
          return (
            <div key={String(row[keyName] ?? index)} role="listitem" className={isSelected(row) ? 'tq-item is-selected' : 'tq-item'} style={{ transform: `translateY(${start}px)`, height: ROW_PX }}>
              <button type="button" data-row={index} onClick={() => onOpen(row)} aria-current={isSelected(row) || undefined}>
                <span className="tq-item-title">{first ? text(first, row) || '—' : String(row[keyName])}</span>
                <span className="tq-item-more" title={more.map(([column, value]) => `${both(column.label)}: ${value}${column.unit ? ` ${column.unit}` : ''}`).join('\n')}>
                  {more.slice(0, 4).map(([column, value]) => (
                    <span key={column.name} style={{ flexShrink: value.length > 14 ? 1 : 0 }}>
                      {column.type === 'boolean' ? `${both(column.label)} ${value}` : value}
                      {column.unit && <small> {column.unit}</small>}
                    </span>
                  ))}
                </span>
              </button>
              {extra?.(row)}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** j and k (or the arrows, when a row has the focus) go to the next and the previous row. */
export function useWalk(box: { current: HTMLElement | null }, count: number, scrollTo: (index: number) => void): void {
  const at = useRef(-1)
  useKey(
    (event) => !event.ctrlKey && !event.metaKey && (event.key === 'j' || event.key === 'k' || ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && Boolean(box.current?.contains(document.activeElement)))),
    (event) => {
      event.preventDefault()
      const focused = Number((document.activeElement as HTMLElement | null)?.dataset.row ?? -1)
      if (focused >= 0) at.current = focused
      at.current = Math.max(0, Math.min(count - 1, at.current + (event.key === 'j' || event.key === 'ArrowDown' ? 1 : -1)))
      scrollTo(at.current)
      const focus = (): boolean => {
        const row = box.current?.querySelector<HTMLElement>(`[data-row="${at.current}"]`)
        row?.focus()
        return Boolean(row)
      }
      // A row that the list has not drawn yet takes the focus when it has.
      if (!focus()) requestAnimationFrame(() => focus() || requestAnimationFrame(focus))
    },
  )
}
