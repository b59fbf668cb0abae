/** What an incident shows besides its steps: what its alarms are, and its reports. */
import { Empty, Facts, Failure, Link, Skeleton, both, dateTime, get, number, span, t, useMay, useNow, zonedTime, type CaseDetail } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import type { JSX } from 'react'
import Reports from './Reports'

interface Member {
  alarm: number
  rule_title: { zh: string; en: string }
  severity: number
  subject: string
  subject_name: string
  state: 'open' | 'cleared' | 'withdrawn'
  onset_ms: number
  cleared_ms: number | null
  place: string
}

interface Data {
  alarms?: number
  open?: number
  subjects?: number
  withdrawn?: number
  last_ms?: number
  cleared_ms?: number | null
}

const SHOWN = 50

export default function Incident({ shown }: { urn: string; shown: CaseDetail }): JSX.Element {
  const data = shown.data as Data
  const may = useMay('insight.handle')
  const now = useNow(30_000)
  return (
    <>
      <section>
        <h2>{t('insight.what')}</h2>
        <Facts
          facts={[
            { label: t('insight.subjects'), value: number(data.subjects ?? 0) },
            { label: t('insight.alarms'), value: t('insight.alarms_of', { n: number(data.alarms ?? 0), open: number(data.open ?? 0) }) },
            ...(data.withdrawn ? [{ label: t('insight.withdrawn'), value: number(data.withdrawn) }] : []),
            data.cleared_ms ? { label: t('insight.cleared'), value: dateTime(data.cleared_ms) } : { label: t('insight.lasting'), value: span(now - shown.opened_ms) },
          ]}
        />
        <Alarms id={shown.id} />
      </section>
      <Reports shown={shown} may={may} />
    </>
  )
}

function Alarms({ id }: { id: string }): JSX.Element {
  const { data, error, isPending } = useQuery({ queryKey: ['cases', 'members', id], queryFn: async ({ signal }) => (await get<{ items: Member[] }>(`insight/incidents/${id}/alarms`, {}, signal)).items })
  if (isPending) return <Skeleton rows={3} />
  if (error) return <Failure error={error} />
  if (!data.length) return <Empty title={t('insight.no_alarms')} />
  const latest = [...data].reverse().slice(0, SHOWN)
  return (
    <details className="tq-how">
      <summary>{t('insight.show_alarms', { n: number(data.length) })}</summary>
      <ul className="tq-case-files">
        {latest.map((one) => (
          <li key={one.alarm}>
            <span>
              <Link patch={{ sel: one.subject, tab: null }}>{one.subject_name}</Link> {both(one.rule_title)} {one.place}
            </span>
            <small className={one.state === 'open' ? 'tq-num' : 'tq-num tq-dim'} title={zonedTime(one.onset_ms)}>
              {dateTime(one.onset_ms).slice(11)} {t(`insight.alarm_${one.state}`)}
            </small>
          </li>
        ))}
      </ul>
      {data.length > SHOWN && <p className="tq-dim">{t('insight.more_alarms', { n: number(data.length - SHOWN) })}</p>}
    </details>
  )
}
