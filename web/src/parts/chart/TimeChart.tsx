/** Values over time with their band and their baseline; as a table for whoever does not read charts. */
import { lazy, Suspense, useState, type JSX } from 'react'
import { t } from '../../text/catalogue'
import { dateTime, number } from '../../text/format'
import { Empty, Skeleton } from '../states'
import type { ChartProps } from './values'

const Drawing = lazy(() => import('./Drawing'))
const ROWS = 500

export function TimeChart(props: ChartProps): JSX.Element {
  const [asTable, setAsTable] = useState(false)
  const { lines, baseline, band, label, height = 220 } = props
  const none = !lines.some((line) => line.points.length) && !baseline?.points.length && !band?.points.length
  if (none) return <Empty title={t('chart.empty')} />
  return (
    <figure className="tq-chart-box">
      {asTable ? (
        <ChartTable {...props} />
      ) : (
        <Suspense fallback={<div style={{ height }}><Skeleton rows={4} /></div>}>
          <Drawing {...props} />
        </Suspense>
      )}
      <button type="button" className="tq-linklike tq-small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)} aria-label={t(asTable ? 'chart.as_chart_of' : 'chart.as_table_of', { name: label })}>
        {t(asTable ? 'chart.as_chart' : 'chart.as_table')}
      </button>
    </figure>
  )
}

function ChartTable({ lines, baseline, band, label, unit, digits = 0, height = 220 }: ChartProps): JSX.Element {
  const all = [...lines, ...(baseline ? [baseline] : [])]
  const at = new Map<number, Map<string, number | null>>()
  for (const line of all) for (const [time, value] of line.points) at.set(time, (at.get(time) ?? new Map()).set(line.id, value))
  const bands = new Map((band?.points ?? []).map(([time, low, high]) => [time, [low, high]]))
  for (const time of bands.keys()) if (!at.has(time)) at.set(time, new Map())
  const times = [...at.keys()].sort((a, b) => b - a).slice(0, ROWS)
  return (
    <div className="tq-chart-table" style={{ height }} tabIndex={0} role="group" aria-label={label}>
      <table className="tq-grid">
        <thead>
          <tr>
            <th scope="col">{t('mover.time')}</th>
            {all.map((line) => (
              <th key={line.id} scope="col">
                {line.name}
                {unit && <small> {unit}</small>}
              </th>
            ))}
            {band && <th scope="col">{band.name}</th>}
          </tr>
        </thead>
        <tbody>
          {times.map((time) => (
            <tr key={time}>
              <th scope="row">{dateTime(time)}</th>
              {all.map((line) => (
                <td key={line.id}>{number(at.get(time)?.get(line.id), digits)}</td>
              ))}
              {band && <td>{bands.has(time) ? bands.get(time)!.map((value) => number(value, digits)).join('–') : ''}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
