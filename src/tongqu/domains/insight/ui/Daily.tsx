/** The daily report of a region: its figures, each over the rows it counts, and the Word document. */
import { API, Empty, Failure, Link, Priority, Skeleton, both, dateTime, get, language, number, post, t, useMay, useRegion, useRegionName, useRegions, type CaseRow, type Parameter } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState, type JSX } from 'react'

interface Daily {
  alarms: number
  alarms_in_incidents: number
  incidents: number
  closed: number
  dismissed: number
  open_at_end: number
  overdue: number
  by_region: Record<string, number>
  by_priority: Record<string, number>
  rows: CaseRow[]
  parameters: Parameter[]
}

const today = (): string => dateTime(Date.now()).slice(0, 10)

export default function DailyPage(): JSX.Element {
  const chosen = useRegion()
  const { data: regions = [] } = useRegions()
  const region = chosen ?? regions.find((one) => one.level === 'province')?.code ?? null
  const [day, setDay] = useState(today)
  const may = useMay('insight.handle')
  const regionName = useRegionName()
  const { data, error, isPending } = useQuery<Daily>({ queryKey: ['cases', 'daily', region, day], enabled: region !== null && day !== '', placeholderData: (before) => before, queryFn: ({ signal }) => get<Daily>('insight/daily', { region, day }, signal) })
  return (
    <div className="tq-pad tq-scroll tq-case-panel">
      <div className="tq-row">
        <strong>{regionName(region)}</strong>
        <input className="tq-input" type="date" aria-label={t('insight.day')} value={day} max={today()} onChange={(event) => setDay(event.target.value)} />
        {may && region && <Make region={region} day={day} />}
      </div>
      {isPending && <Skeleton rows={8} />}
      {error && <Failure error={error} />}
      {data && <Figures data={data} />}
    </div>
  )
}

function Make({ region, day }: { region: string; day: string }): JSX.Element {
  const [made, setMade] = useState<{ document: string; name: string } | null>(null)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>(null)
  const make = (): void => {
    setBusy(true)
    setFailed(null)
    post<{ document: string; name: string }>('insight/daily', { region, day, language: language() })
      .then(setMade, setFailed)
      .finally(() => setBusy(false))
  }
  return (
    <>
      <Button size="small" type="primary" loading={busy} onClick={make}>
        {t('insight.make_daily')}
      </Button>
      {made && (
        <a href={`${API}/documents/${made.document}`} download>
          {made.name}
        </a>
      )}
      {Boolean(failed) && <Failure error={failed} />}
    </>
  )
}

function Figures({ data }: { data: Daily }): JSX.Element {
  const regionName = useRegionName()
  const figures: [string, number, string?][] = [
    ['daily_alarms', data.alarms, t('insight.in_incidents', { n: number(data.alarms_in_incidents) })],
    ['daily_incidents', data.incidents],
    ['daily_closed', data.closed],
    ['daily_dismissed', data.dismissed],
    ['daily_open', data.open_at_end],
    ['daily_overdue', data.overdue],
  ]
  return (
    <>
      <div className="tq-figures">
        {figures.map(([name, value, more]) => (
          <div key={name} className="tq-figure is-plain">
            <span>{t(`insight.${name}`)}</span>
            <b className="tq-num">{number(value)}</b>
            <small className="tq-num">{more ?? ''}</small>
          </div>
        ))}
      </div>
      {!data.rows.length && <Empty title={t('insight.quiet_day')} />}
      {Object.keys(data.by_region).length > 0 && (
        <section>
          <h2>{t('insight.by_county')}</h2>
          <table className="tq-grid">
            <tbody>
              {Object.entries(data.by_region).map(([code, count]) => (
                <tr key={code}>
                  <th scope="row">{regionName(code)}</th>
                  <td>
                    <Link to="/insight/incidents" patch={{ region: code }}>
                      {number(count)}
                    </Link>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {data.rows.length > 0 && (
        <section>
          <h2>{t('insight.incidents')}</h2>
          <ul className="tq-case-files">
            {data.rows.map((row) => (
              <li key={row.id}>
                <Link patch={{ sel: row.urn }}>
                  <Priority of={row.priority} /> {both(row.data.title) || row.title} {row.place}
                </Link>
                <small className="tq-num">
                  {dateTime(row.opened_ms).slice(11, 16)} {both(row.state_label)}
                </small>
              </li>
            ))}
          </ul>
        </section>
      )}
      <details className="tq-how">
        <summary>{t('insight.how')}</summary>
        {data.parameters.map((one) => (
          <p key={one.id}>
            {both(one.title)}: {String(one.value)} <small className={one.status === 'unverified' ? 'tq-note-word' : 'tq-dim'}>{both(one.status_label)}</small>
            <br />
            <small className="tq-dim">{one.source}</small>
          </p>
        ))}
      </details>
    </>
  )
}
