/** One case: how it stands and until when, the steps that lead on with their forms, its documents and its history. */
import { Button } from 'antd'
import { lazy, useState, type JSX } from 'react'
import { caseId, useCase, useCaseHistory, useCaseNews, type CaseClock, type CaseDetail, type CaseEntry } from '../api/cases'
import { API } from '../api/http'
import { useRegionName } from '../api/queries'
import { CloseButton } from '../frame/DetailPanel'
import type { Pages } from '../frame/registry'
import { Priority } from '../lists/CaseList'
import { engine } from '../map/port'
import { Part } from '../parts/boundary'
import { Facts } from '../parts/Facts'
import { useNow } from '../parts/hooks'
import { Failure, orDash, Skeleton } from '../parts/states'
import { Timeline, type TimelineItem } from '../parts/Timeline'
import { both, t } from '../text/catalogue'
import { dateTime, span, zonedTime } from '../text/format'

const CaseStepForm = lazy(() => import('./CaseStepForm'))
const Supervision = lazy(() => import('./Supervision'))

export default function CasePanel({ urn, pages }: { urn: string; pages: Pages | undefined }): JSX.Element {
  const id = caseId(urn)
  useCaseNews()
  const { data, error, refetch } = useCase(id)
  const shown = data?.value
  const More = (pages?.domains ?? []).map((page) => page.cases?.[shown?.type ?? '']).find(Boolean)
  return (
    <div className="tq-page tq-case-panel">
      <header className="tq-page-head">
        {shown && <Priority of={shown.priority} />}
        <h1>{shown ? both(shown.data.title) || shown.title : t('cases.title')}</h1>
        <CloseButton />
      </header>
      <div className="tq-page-body">
        {!shown && !error && <Skeleton />}
        {error && !shown && <Failure error={error} again={() => void refetch()} />}
        {shown && (
          <div className="tq-pad">
            <State shown={shown} />
            <Steps shown={shown} etag={data.etag} />
            {More && (
              <Part rows={3}>
                <More urn={urn} shown={shown} />
              </Part>
            )}
            <Documents shown={shown} />
            <History shown={shown} />
            <Basis shown={shown} />
          </div>
        )}
      </div>
    </div>
  )
}

function State({ shown }: { shown: CaseDetail }): JSX.Element {
  const regionName = useRegionName()
  return (
    <section>
      <Facts
        facts={[
          { label: t('cases.number'), value: orDash(shown.number || shown.id), copy: shown.number || shown.id },
          { label: t('cases.state'), value: both(shown.state_label) },
          { label: t('cases.place'), value: orDash([regionName(shown.region), shown.place].filter(Boolean).join(' ')) },
          { label: t('cases.opened'), value: dateTime(shown.opened_ms), title: zonedTime(shown.opened_ms) },
          { label: t('cases.handler'), value: shown.handler_name || t('cases.nobody') },
        ]}
      />
      {shown.lon !== null && shown.lat !== null && (
        <Button size="small" onClick={() => engine.get()?.fly(shown.lon!, shown.lat!, 14)}>
          {t('cases.on_map')}
        </Button>
      )}
      <Clocks clocks={shown.clocks} />
      <Part rows={1}>
        <Supervision shown={shown} />
      </Part>
    </section>
  )
}

function Clocks({ clocks }: { clocks: CaseClock[] }): JSX.Element | null {
  const now = useNow(10_000)
  if (!clocks.length) return null
  return (
    <ul className="tq-clocks" aria-label={t('cases.clocks')}>
      {clocks.map((clock) => {
        const late = clock.state === 'overdue' || (clock.state === 'running' && clock.due_ms !== null && clock.due_ms <= now)
        return (
          <li key={`${clock.limit}-${clock.began}`} className={`is-${late ? 'overdue' : clock.state}`}>
            <b>{both(clock.label)}</b>
            <span title={clock.due_ms ? zonedTime(clock.due_ms) : undefined}>{clock.due_ms ? dateTime(clock.due_ms) : '—'}</span>
            <span>{late && clock.due_ms ? t('timeline.late', { span: span(now - clock.due_ms) }) : clock.state === 'running' && clock.due_ms ? t('timeline.left', { span: span(clock.due_ms - now) }) : t(`cases.clock_${clock.state}`)}</span>
            {clock.status === 'unverified' && (
              <small className="tq-note-word" title={t('cases.unverified_how')}>
                {both(clock.status_label)}
              </small>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function Steps({ shown, etag }: { shown: CaseDetail; etag: string | null }): JSX.Element | null {
  const [open, setOpen] = useState<string | null>(null)
  const usable = shown.steps.filter((step) => !step.form.some((field) => field.type === 'document' && field.name === 'report'))
  if (!usable.length) return null
  const step = usable.find((one) => one.id === open)
  return (
    <section>
      <h2>{t('cases.steps')}</h2>
      <div className="tq-row">
        {usable.map((one, index) => (
          <Button key={one.id} size="small" type={one.id === open || (open === null && index === 0) ? 'primary' : 'default'} disabled={one.blocked.length > 0} title={one.blocked.map((why) => both(why.text)).join('\n') || undefined} aria-expanded={one.id === open} onClick={() => setOpen(one.id === open ? null : one.id)}>
            {both(one.label)}
          </Button>
        ))}
      </div>
      {step && (
        <Part key={step.id} rows={2}>
          <CaseStepForm id={shown.id} step={step} etag={etag} onDone={() => setOpen(null)} />
        </Part>
      )}
    </section>
  )
}

function Documents({ shown }: { shown: CaseDetail }): JSX.Element | null {
  if (!shown.documents.length) return null
  return (
    <section>
      <h2>{t('cases.documents')}</h2>
      <ul className="tq-case-files">
        {shown.documents.map((one) => (
          <li key={`${one.kind}-${one.document}`}>
            <a href={`${API}/documents/${one.document}`} download>
              {one.name}
            </a>
            <small className="tq-dim tq-num" title={`SHA-256 ${one.sha256}`}>
              {dateTime(one.added_ms)}
            </small>
          </li>
        ))}
      </ul>
    </section>
  )
}

const WORDS = ['note', 'result', 'reason', 'summary', 'remark', 'name'] as const
const said = (entry: CaseEntry): string => WORDS.map((name) => entry.data[name]).find((value): value is string => typeof value === 'string') ?? ''
const TONES: Record<CaseEntry['kind'], TimelineItem['tone']> = { step: 'plain', document: 'note', overdue: 'bad', supervision: 'alarm', lift: 'good' }

function History({ shown }: { shown: CaseDetail }): JSX.Element {
  const { data, error, isPending } = useCaseHistory(shown.id)
  if (isPending) return <Skeleton rows={4} />
  if (error) return <Failure error={error} />
  const past: TimelineItem[] = data.map((entry) => ({ id: entry.seq, at_ms: entry.at_ms, title: both(entry.label), by: entry.actor.startsWith('system:') ? t('cases.platform') : entry.actor_name, body: said(entry) ? <p className="tq-case-said">{said(entry)}</p> : undefined, tone: TONES[entry.kind] }))
  const coming: TimelineItem[] = shown.clocks.filter((clock) => clock.state === 'running' && clock.due_ms).map((clock) => ({ id: `due-${clock.limit}-${clock.began}`, at_ms: clock.due_ms!, title: both(clock.label), due: true }))
  return (
    <section>
      <h2>{t('cases.history')}</h2>
      <Timeline items={[...past, ...coming]} label={t('cases.history')} newestFirst />
    </section>
  )
}

function Basis({ shown }: { shown: CaseDetail }): JSX.Element | null {
  if (!shown.parameters.length) return null
  return (
    <details className="tq-how">
      <summary>{t('cases.basis')}</summary>
      {shown.parameters.map((one) => (
        <p key={one.id}>
          {both(one.title)}: {String(one.value)} <small className={one.status === 'unverified' ? 'tq-note-word' : 'tq-dim'}>{both(one.status_label)}</small>
          <br />
          <small className="tq-dim">{one.source}</small>
        </p>
      ))}
    </details>
  )
}
