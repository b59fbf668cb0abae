/** Cases in a list: what, where, who has it, and the deadline that comes first. j/k walk, `a` takes the first step. */
import type { FeatureCollection } from 'geojson'
import { useMemo, useRef, type JSX } from 'react'
import { caseId, takeStep, useCase, useCaseNews, useCases, type CaseRow } from '../api/cases'
import type { Query } from '../api/http'
import { useRegionName } from '../api/queries'
import { useOverlay } from '../map/port'
import { FeedLight } from '../parts/FeedLight'
import { useNow } from '../parts/hooks'
import { useShortcut } from '../parts/keys'
import { Empty, Failure, Skeleton, tell } from '../parts/states'
import { toast } from '../parts/toast'
import { patch, useParam } from '../state/address'
import { both, t } from '../text/catalogue'
import { number, shortTime, span, zonedTime } from '../text/format'
import { useWalk } from './VirtualList'

interface Props {
  query: Query
  label: string
  empty: string
  hint: string
  /** Name of the drawing on the map, `<domain>.<what>`; absent: none. */
  overlay?: string
  /** The step that the key `a` takes on the selected case. */
  acknowledge?: string
  /** Show what kind of case each is. */
  kinds?: boolean
}

export const CASE_COLORS = ['', 'alarm', 'alarm', 'ink-2', 'ink-3']

export function CaseList({ query, label, empty, hint, overlay, acknowledge, kinds }: Props): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const feed = useCaseNews()
  const { data, error, isPending, refetch } = useCases(query)
  const selected = useParam('sel')
  const rows = data?.items ?? []
  useWalk(box, rows.length, () => undefined)
  const open = (row: CaseRow): void => patch({ sel: row.urn, tab: null, frame: null })
  return (
    <div className="tq-list">
      <p className="tq-spread tq-case-count">
        <span>{data && t('list.of', { n: number(rows.length), total: number(data.total) })}</span>
        <FeedLight feed={feed} />
      </p>
      {isPending && <Skeleton rows={10} />}
      {error && !data && <Failure error={error} again={() => void refetch()} />}
      {data && !rows.length && <Empty title={empty} hint={hint} />}
      <div className="tq-cases" ref={box} role="list" aria-label={label}>
        {rows.map((row, index) => (
          <div key={row.id} role="listitem" className={row.urn === selected ? 'tq-case is-selected' : 'tq-case'}>
            <button type="button" data-row={index} onClick={() => open(row)} aria-current={row.urn === selected || undefined}>
              <CaseLine row={row} kinds={kinds} />
            </button>
          </div>
        ))}
      </div>
      {overlay && <OnMap name={overlay} rows={rows} selected={selected} onOpen={open} />}
      {acknowledge && selected && rows.some((row) => row.urn === selected) && <Acknowledge key={selected} id={caseId(selected)} step={acknowledge} />}
    </div>
  )
}

function CaseLine({ row, kinds }: { row: CaseRow; kinds?: boolean }): JSX.Element {
  const regionName = useRegionName()
  return (
    <>
      <span className="tq-case-head">
        <Priority of={row.priority} />
        <b>{both(row.data.title) || row.title}</b>
        {row.supervised && <span className="tq-case-mark">{t('cases.supervised')}</span>}
        <span className={row.final ? 'tq-dim' : ''}>{both(row.state_label)}</span>
      </span>
      <span className="tq-case-more">
        {kinds && <span>{both(row.type_label)}</span>}
        <span title={zonedTime(row.opened_ms)}>{shortTime(row.opened_ms)}</span>
        <span className="tq-grow">{[regionName(row.region), row.place].filter(Boolean).join(' ')}</span>
      </span>
      <span className="tq-case-more">
        <span className="tq-grow">{row.handler_name || (row.final ? '' : t('cases.nobody'))}</span>
        <Due row={row} />
      </span>
    </>
  )
}

/** How pressing a case is: a number in a shape of its own, so that it is told without colour. */
export function Priority({ of }: { of: number }): JSX.Element {
  return (
    <i className={`tq-priority is-${of}`} title={t('cases.priority', { n: of })} aria-label={t('cases.priority', { n: of })}>
      {of}
    </i>
  )
}

function Due({ row }: { row: CaseRow }): JSX.Element | null {
  const now = useNow(10_000)
  if (!row.due_ms) return null
  const late = row.due_ms <= now
  return (
    <span className={late ? 'tq-bad tq-num' : 'tq-num'} title={zonedTime(row.due_ms)}>
      {both(row.due)} {t(late ? 'timeline.late' : 'timeline.left', { span: span(Math.abs(row.due_ms - now)) })}
    </span>
  )
}

function OnMap({ name, rows, selected, onOpen }: { name: string; rows: CaseRow[]; selected: string | null; onOpen: (row: CaseRow) => void }): null {
  const data = useMemo<FeatureCollection>(
    () => ({
      type: 'FeatureCollection',
      features: rows
        .filter((row) => row.lon !== null && row.lat !== null)
        .map((row) => ({
          type: 'Feature',
          properties: { id: row.id, color: CASE_COLORS[row.priority], radius: row.urn === selected ? 11 : 7, shape: row.urn === selected ? 'ring' : 'dot', label: row.urn === selected ? both(row.data.title) || row.title : '' },
          geometry: { type: 'Point', coordinates: [row.lon!, row.lat!] },
        })),
    }),
    [rows, selected],
  )
  useOverlay(name, data, {
    onPick: (feature) => {
      const row = rows.find((one) => one.id === feature.properties?.id)
      if (row) onOpen(row)
    },
  })
  return null
}

/** The key `a` takes a step of the selected case where nothing stands in its way and its form asks for nothing. */
function Acknowledge({ id, step }: { id: string; step: string }): null {
  const { data } = useCase(id)
  const found = data?.value.steps.find((one) => one.id === step)
  useShortcut(
    'a',
    both(found?.label),
    () => {
      if (!data || !found) return
      void takeStep(id, step, {}, data.etag).then(
        () => toast({ key: `case-${id}`, tone: 'good', title: t('cases.taken', { step: both(found.label) }) }),
        (error: unknown) => toast({ key: `case-${id}`, tone: 'bad', title: tell(error).text }),
      )
    },
    found !== undefined && !found.blocked.length,
  )
  return null
}
