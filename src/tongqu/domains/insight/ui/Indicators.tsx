/** Figures that can be defended: each with its formula, version and sources, its course over time, and its rows. */
import { apiPath, both, dateTime, Empty, Failure, get, language, Link, number, orDash, patch, Skeleton, t, TimeChart, useCategories, useMay, useParam, useRegion, useRegionName, type Line } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Segmented, Tag } from 'antd'
import type { JSX } from 'react'

type Both = { zh: string; en: string }

interface Figure {
  from_ms: number
  to_ms: number
  value: number | null
  version: number
  closed: boolean
  computed_ms: number | null
  previous?: number | null
}

interface LegalNumber {
  id: string
  title: Both
  value: unknown
  source: string
  status: string
  status_label: Both
}

interface Indicator {
  id: string
  module: string
  title: Both
  formula: Both
  note: Both
  unit: string
  unit_label: Both
  version: number
  decimals: number
  better: 'higher' | 'lower' | ''
  periods: string[]
  grain: { name: string; title: Both }[]
  parameters: LegalNumber[]
  status: string | null
  figure: Figure | null
}

interface SeriesPoint extends Figure {
  group?: string | null
}

interface RowsAnswer {
  columns: { name: string; label: Both }[]
  items: Record<string, string | number | boolean | null>[]
  total: number
  figure: Figure | null
}

const DAY_MS = 86_400_000
const SPAN_MS: Record<string, number> = { hour: 2 * DAY_MS, day: 31 * DAY_MS }
const GROUPS = ['', 'region', 'key']
const HIDDEN = new Set(['organisation', 'key', 'numerator', 'denominator'])
const MOST_LINES = 8

export default function IndicatorsPage(): JSX.Element {
  const region = useRegion()
  const period = useParam('period')
  const open = useParam('indicator')
  const wanted = period === 'hour' ? 'hour' : 'day'
  const found = useQuery<{ items: Indicator[] }>({
    queryKey: ['indicators', wanted, region],
    refetchInterval: 60_000,
    placeholderData: (before) => before,
    queryFn: ({ signal }) => get('indicators', { period: wanted, region }, signal),
  })
  if (found.isPending) return <Skeleton rows={10} />
  if (found.error && !found.data) return <Failure error={found.error} again={() => void found.refetch()} />
  const items = found.data?.items ?? []
  const chosen = items.find((item) => item.id === open)
  if (chosen) return <Detail key={chosen.id} indicator={chosen} period={chosen.periods.includes(wanted) ? wanted : chosen.periods[0]} />
  if (!items.length) return <Empty title={t('insight.indicators_empty')} hint={t('insight.indicators_empty_hint')} />
  return (
    <div className="tq-pad tq-scroll tq-overview">
      <PeriodChoice period={wanted} choose={(value) => patch({ period: value === 'day' ? null : value })} />
      <table className="tq-grid tq-indicators">
        <thead>
          <tr>
            <th scope="col">{t('insight.indicator')}</th>
            <th scope="col">{t('insight.figure')}</th>
            <th scope="col">{t('insight.change')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row">
                <button type="button" className="tq-linklike" onClick={() => patch({ indicator: item.id })} title={both(item.formula)}>
                  {both(item.title)}
                </button>
                <div>
                  <small className="tq-dim">{item.figure ? when(item.figure) : t('insight.not_yet')}</small>
                </div>
              </th>
              <td className="tq-num">
                <Value indicator={item} value={item.figure?.value} />
              </td>
              <td className="tq-num">
                <Change indicator={item} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <details className="tq-how">
        <summary>{t('insight.how')}</summary>
        <p>{t('insight.indicators_how')}</p>
      </details>
    </div>
  )
}

function Value({ indicator, value }: { indicator: Indicator; value: number | null | undefined }): JSX.Element {
  if (value === null || value === undefined) return <>{orDash(null)}</>
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      {number(value, indicator.decimals)} <small>{both(indicator.unit_label)}</small>
    </span>
  )
}

const when = (figure: Figure): string => `${dateTime(figure.from_ms).slice(0, 16)}${figure.closed ? '' : ` · ${t('insight.running')}`}`

function PeriodChoice({ period, choose }: { period: string; choose: (period: string) => void }): JSX.Element {
  return (
    <Segmented
      size="small"
      aria-label={t('insight.period')}
      value={period}
      onChange={choose}
      options={['day', 'hour'].map((one) => ({ value: one, label: t(`insight.period_${one}`) }))}
    />
  )
}

function Change({ indicator }: { indicator: Indicator }): JSX.Element | null {
  const { figure, better } = indicator
  const now = figure?.value
  const before = figure?.previous
  if (now === null || now === undefined || before === null || before === undefined) return null
  const change = now - before
  const shown = Math.abs(change).toFixed(indicator.decimals)
  if (Number(shown) === 0) return <span className="tq-dim">=</span>
  const rose = change > 0
  const good = better === '' ? '' : rose === (better === 'higher') ? 'tq-good' : 'tq-bad'
  const word = good === 'tq-good' ? t('insight.better') : good === 'tq-bad' ? t('insight.worse') : ''
  return (
    <span className={good} title={t('insight.change_of', { value: number(before, indicator.decimals) })}>
      {rose ? '▲' : '▼'} {number(Math.abs(change), indicator.decimals)} {word && <small>{word}</small>}
    </span>
  )
}

function Detail({ indicator, period }: { indicator: Indicator; period: string }): JSX.Element {
  const region = useRegion()
  const regionName = useRegionName()
  const by = useParam('by')
  const at = useParam('at_window')
  const until = Math.ceil(Date.now() / 3_600_000) * 3_600_000
  const from = until - SPAN_MS[period]
  const group = GROUPS.includes(by ?? '') ? (by ?? '') : ''
  const series = useQuery<{ items: SeriesPoint[] }>({
    queryKey: ['indicators', indicator.id, period, region, group, until],
    placeholderData: (before) => before,
    queryFn: ({ signal }) => get(`indicators/${indicator.id}/series`, { period, region, from, to: until, by: group || null }, signal),
  })
  const points = series.data?.items ?? []
  const moment = Number(at) || indicator.figure?.from_ms || null
  const seen = points.find((point) => point.from_ms === moment && !group)
  const groups = GROUPS.filter((one) => one !== 'key' || indicator.grain.length)
  return (
    <div className="tq-pad tq-scroll tq-overview">
      <p className="tq-spread">
        <button type="button" className="tq-linklike" onClick={() => patch({ indicator: null, at_window: null, by: null })}>
          ‹ {t('insight.indicators')}
        </button>
        <strong>{regionName(region) || t('insight.everywhere')}</strong>
      </p>
      <h2>{both(indicator.title)}</h2>
      <p className="tq-spread">
        <b className="tq-num">
          <Value indicator={indicator} value={seen?.value ?? indicator.figure?.value} />
        </b>
        <small className="tq-dim">{seen ? when(seen) : indicator.figure && when(indicator.figure)}</small>
      </p>
      {indicator.periods.length > 1 && <PeriodChoice period={period} choose={(value) => patch({ period: value === 'day' ? null : value, at_window: null })} />}
      <Segmented
        size="small"
        aria-label={t('insight.grouped')}
        value={group}
        onChange={(value) => patch({ by: value || null })}
        options={groups.map((one) => ({ value: one, label: one === 'key' ? both(indicator.grain[0].title) : t(`insight.by_${one || 'all'}`) }))}
      />
      {series.error && <Failure error={series.error} again={() => void series.refetch()} />}
      {series.isPending ? (
        <Skeleton rows={5} />
      ) : (
        <TimeChart
          label={both(indicator.title)}
          lines={linesOf(points, group, (code) => (group === 'region' ? regionName(code) || code : code))}
          unit={both(indicator.unit_label)}
          digits={indicator.decimals}
          from_ms={from}
          to_ms={until}
          fromZero={indicator.unit !== '%'}
          onTime={(time) => patch({ at_window: nearest(points, time) })}
        />
      )}
      <a className="tq-linklike" href={apiPath(`indicators/${indicator.id}/export.xlsx`, { period, region, from, to: until, by: group || null, rows_of: moment, lang: language() })} download>
        {t('insight.to_excel')}
      </a>
      <Definition indicator={indicator} seen={seen ?? indicator.figure} />
      {moment !== null && <Rows indicator={indicator} period={period} moment={moment} />}
    </div>
  )
}

function linesOf(points: SeriesPoint[], group: string, name: (code: string) => string): Line[] {
  const lines = new Map<string, Line>()
  for (const point of points) {
    const id = `${group ? (point.group ?? '') : ''}|${point.version}`
    const code = group ? point.group || t('insight.elsewhere') : ''
    const line = lines.get(id) ?? { id, name: `${group ? name(code) : t('insight.figure')}${point.version > 1 ? ` v${point.version}` : ''}`, points: [] }
    line.points.push([point.from_ms, point.value])
    lines.set(id, line)
  }
  return [...lines.values()].sort((a, b) => b.points.length - a.points.length).slice(0, MOST_LINES)
}

const nearest = (points: SeriesPoint[], time: number): number | null =>
  points.reduce<number | null>((best, point) => (best === null || Math.abs(point.from_ms - time) < Math.abs(best - time) ? point.from_ms : best), null)

function Definition({ indicator, seen }: { indicator: Indicator; seen: Figure | null }): JSX.Element {
  return (
    <section>
      <h3>{t('insight.definition')}</h3>
      <p>{both(indicator.formula)}</p>
      <p className="tq-dim">{both(indicator.note)}</p>
      <p className="tq-dim">
        {t('insight.version', { version: indicator.version })}
        {seen?.computed_ms && ` · ${t('insight.computed', { at: dateTime(seen.computed_ms) })}`}
      </p>
      {indicator.parameters.map((one) => (
        <p key={one.id}>
          {both(one.title)}: <b className="tq-num">{String(one.value)}</b> <Tag color={one.status === 'verified' ? 'green' : 'orange'}>{both(one.status_label)}</Tag>
          <br />
          <small className="tq-dim">{one.source}</small>
        </p>
      ))}
    </section>
  )
}

function Rows({ indicator, period, moment }: { indicator: Indicator; period: string; moment: number }): JSX.Element {
  const region = useRegion()
  const regionName = useRegionName()
  const may = useMay('telemetry.read')
  const { data: categories = [] } = useCategories()
  const categoryName = (code: string): string => both(categories.find((one) => one.code === code)?.label) || code
  const rows = useQuery<RowsAnswer>({
    queryKey: ['indicators', indicator.id, 'rows', period, moment, region],
    queryFn: ({ signal }) => get(`indicators/${indicator.id}/rows`, { period, region, from: moment, limit: 200 }, signal),
  })
  if (rows.isPending) return <Skeleton rows={6} />
  if (rows.error) return <Failure error={rows.error} again={() => void rows.refetch()} />
  const shown = rows.data.columns.filter((column) => !HIDDEN.has(column.name) && column.name !== 'urn')
  const first = ['label', 'region', 'category']
  shown.sort((a, b) => (first.indexOf(a.name) + 1 || 9) - (first.indexOf(b.name) + 1 || 9))
  return (
    <section>
      <h3>
        {t('insight.rows')} <small className="tq-dim">{t('insight.rows_of_window', { n: number(rows.data.items.length), total: number(rows.data.total) })}</small>
      </h3>
      <div style={{ overflowX: 'auto' }}>
        <table className="tq-grid">
          <thead>
            <tr>
              {shown.map((column) => (
                <th key={column.name} scope="col">
                  {both(column.label)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.data.items.map((row, i) => (
              <tr key={String(row.urn ?? i)}>
                {shown.map((column) => (
                  <td key={column.name} className={typeof row[column.name] === 'number' ? 'tq-num' : ''} style={{ whiteSpace: 'nowrap' }}>
                    {column.name === 'label' && row.urn && may ? (
                      <Link to="/platform/movers" patch={{ sel: String(row.urn) }}>
                        {String(row.label)}
                      </Link>
                    ) : (
                      cell(column.name, row[column.name], regionName, categoryName)
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function cell(name: string, value: string | number | boolean | null, regionName: (code: string | null) => string, categoryName: (code: string) => string): string {
  if (value === null || value === undefined || value === '') return orDash(null)
  if (name === 'region') return regionName(String(value)) || String(value)
  if (name === 'category') return categoryName(String(value))
  if (name.endsWith('_ms')) return dateTime(Number(value))
  if (typeof value === 'number') return number(value, Number.isInteger(value) ? 0 : 2)
  return String(value)
}

