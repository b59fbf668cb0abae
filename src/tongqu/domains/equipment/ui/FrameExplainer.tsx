/** A raw frame, byte by byte: the dump above, the fields below, each pointing at the other. */
import { Facts, Failure, get, HexDump, patch, shortTime, Skeleton, t, both, dateTime, zonedTime, Empty } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useCallback, useMemo, useRef, useState, type JSX, type KeyboardEvent } from 'react'
import { innermost, laidOut, type Explained, type ExplainedRow } from './bytes'

export default function FrameExplainer({ frame }: { frame: string }): JSX.Element {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['frame', frame],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => get<Explained>(`equipment/frames/${encodeURIComponent(frame)}`, {}, signal),
  })
  if (isPending) return <Skeleton rows={12} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  return <Shown data={data} />
}

function Shown({ data }: { data: Explained }): JSX.Element {
  const { hex, escapes, rows } = useMemo(() => laidOut(data), [data])
  const [pointed, setPointed] = useState<number | null>(null)
  const [chosen, setChosen] = useState<number | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const active = pointed ?? chosen
  const row = active === null ? null : rows[active]
  const mark = useCallback(
    (offset: number): string | undefined => {
      const own = innermost(rows, offset)
      const classes = [own === -1 ? 'is-frame' : `is-${(own % 5) + 1}`]
      if (row && offset >= row.offset && offset < row.offset + row.length) classes.push('is-marked')
      return classes.join(' ')
    },
    [rows, row],
  )
  const point = useCallback((offset: number | null) => setPointed(offset === null || innermost(rows, offset) < 0 ? null : innermost(rows, offset)), [rows])
  const show = (index: number): void => list.current?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: 'nearest' })
  const choose = useCallback(
    (offset: number) => {
      const index = innermost(rows, offset)
      if (index < 0) return
      setChosen(index)
      show(index)
    },
    [rows],
  )
  const key = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' || event.key === 'j' ? 1 : event.key === 'ArrowUp' || event.key === 'k' ? -1 : 0
    if (!step) return
    event.preventDefault()
    const next = Math.max(0, Math.min(rows.length - 1, (chosen ?? -1) + step))
    setChosen(next)
    setPointed(null)
    list.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus()
    show(next)
  }
  return (
    <div className="tq-explain">
      <Facts
        facts={[
          { label: t('equipment.frame.message'), value: [data.message_id, both(data.title)].filter(Boolean).join(' ') },
          ...(data.ok === false ? [{ label: t('equipment.frame.refused'), value: <span className="tq-bad">{data.reason ?? '—'}</span> }] : []),
          ...(data.phone ? [{ label: t('equipment.phone'), value: data.phone }] : []),
          { label: t('equipment.frame.received'), value: dateTime(data.received_ms), title: zonedTime(data.received_ms) },
          { label: t('equipment.frame.size'), value: t('equipment.frame.bytes', { n: hex.length / 2 }), unit: escapes ? t('equipment.frame.escapes', { n: escapes }) : undefined },
        ]}
      />
      <HexDump hex={hex} mark={mark} onPoint={point} onChoose={choose} />
      <p className="tq-explain-now" aria-live="polite">
        {row ? <Line row={row} /> : <span className="tq-dim">{t('equipment.frame.hint')}</span>}
      </p>
      {!rows.length && <Empty title={t('equipment.frame.no_rows')} />}
      <div ref={list} className="tq-fields" role="listbox" tabIndex={-1} aria-label={t('equipment.frame.fields')} onKeyDown={key} onPointerLeave={() => setPointed(null)}>
        {rows.map((item, index) => (
          <div
            key={index}
            role="option"
            data-index={index}
            tabIndex={index === (chosen ?? 0) ? 0 : -1}
            aria-selected={index === chosen}
            className={index === active ? 'tq-field-row is-marked' : 'tq-field-row'}
            style={{ '--level': item.level } as never}
            onPointerEnter={() => setPointed(index)}
            onClick={() => setChosen(index)}
            onFocus={() => setChosen(index)}
          >
            <i className={`is-${(index % 5) + 1}`} aria-hidden="true" />
            <span className="tq-field-name">{both(item.label)}</span>
            <span className="tq-field-value tq-num">
              {valueOf(item)}
              {item.unit && <small> {item.unit}</small>}
            </span>
            <span className="tq-field-more">
              <code>{item.length ? `${item.offset}–${item.offset + item.length - 1}` : item.offset}</code>
              <code className="tq-cut">{item.raw}</code>
              {item.meaning && <span>{both(item.meaning)}</span>}
            </span>
          </div>
        ))}
      </div>
      <div className="tq-row">
        <Button size="small" onClick={() => void navigator.clipboard?.writeText(data.hex)}>
          {t('equipment.frame.copy')}
        </Button>
        <Button size="small" onClick={() => patch({ frame: null })}>
          {t('action.back')}
        </Button>
        <span className="tq-dim">{shortTime(data.received_ms)}</span>
      </div>
    </div>
  )
}

function Line({ row }: { row: ExplainedRow }): JSX.Element {
  return (
    <>
      <strong>{both(row.label)}</strong> {valueOf(row)} {row.unit} {both(row.meaning)}
    </>
  )
}

function valueOf(row: ExplainedRow): string {
  const { value } = row
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
