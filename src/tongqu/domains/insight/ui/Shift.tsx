/** The shift of a region: its log, what is open, and the handover with both signatures. */
import { Empty, Failure, Part, Skeleton, Timeline, both, client, dateTime, get, number, post, span, t, useActor, useCaseHistory, useMay, useNow, useRegion, useRegionName, useRegions, tagged, type CaseRow, type TimelineItem } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState, type JSX } from 'react'

interface Line {
  seq: number
  name: string
  label: { zh: string; en: string }
  at_ms: number
  actor_name: string
  data: Record<string, string>
  proof: string
}

interface ShiftView extends CaseRow {
  lines: Line[]
  until_ms: number
  open: CaseRow[]
  during: number
}

export default function ShiftPage(): JSX.Element {
  const chosen = useRegion()
  const { data: regions = [] } = useRegions()
  const regionName = useRegionName()
  const may = useMay('insight.handle')
  // The desk of whoever looks at everything is that of the province they look at; a county's is its city's.
  const region = chosen ? chosen.slice(0, 4) : (regions.find((one) => one.level === 'province')?.code ?? null)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['cases', 'shift', region],
    enabled: region !== null,
    refetchInterval: 30_000,
    queryFn: async ({ signal }) => (await get<{ shift: ShiftView | null }>('insight/shifts/current', { region }, signal)).shift,
  })
  const [failed, setFailed] = useState<unknown>(null)
  const act = (path: string, body: unknown): Promise<void> => {
    setFailed(null)
    return post(path, body).then(() => client.invalidateQueries({ queryKey: ['cases'] }), (caught: unknown) => setFailed(caught))
  }
  if (region === null || isPending) return <Skeleton rows={8} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  return (
    <div className="tq-pad tq-scroll tq-case-panel">
      <h2>{t('insight.shift_of', { region: regionName(region) })}</h2>
      {Boolean(failed) && <Failure error={failed} />}
      {data ? (
        <Shift shift={data} may={may} act={act} />
      ) : (
        <Empty title={t('insight.no_shift')} hint={t('insight.no_shift_hint')}>
          {may && (
            <Button type="primary" onClick={() => void act('insight/shifts', { region })}>
              {t('insight.begin')}
            </Button>
          )}
        </Empty>
      )}
      <Part rows={3}>
        <Earlier region={region} />
      </Part>
    </div>
  )
}

function Shift({ shift, may, act }: { shift: ShiftView; may: boolean; act: (path: string, body: unknown) => Promise<void> }): JSX.Element {
  const actor = useActor()
  const now = useNow(30_000)
  const [text, setText] = useState('')
  const mine = shift.handler === actor.person.id
  const handed = shift.state === 'handed_over'
  const summary = shift.lines.findLast((line) => line.name === 'hand_over')?.data.summary
  return (
    <>
      <p className="tq-spread">
        <strong>
          {shift.handler_name} · {both(shift.state_label)}
        </strong>
        <small className="tq-dim tq-num">{t('insight.on_duty_for', { begin: dateTime(shift.opened_ms), span: span((handed ? shift.until_ms : now) - shift.opened_ms) })}</small>
      </p>
      {handed && (
        <section className="tq-case-form">
          <b>{t('insight.handed_over', { name: shift.handler_name, time: dateTime(shift.until_ms) })}</b>
          <p className="tq-case-said">{summary}</p>
          {may && !mine && (
            <>
              <Input.TextArea aria-label={t('insight.remark')} placeholder={t('insight.remark')} autoSize={{ minRows: 1, maxRows: 5 }} value={text} onChange={(event) => setText(event.target.value)} />
              <Button type="primary" onClick={() => void act(`insight/shifts/${shift.id}/sign`, { remark: text }).then(() => setText(''))}>
                {t('insight.sign')}
              </Button>
            </>
          )}
          {mine && <p className="tq-dim">{t('insight.waits_for_other')}</p>}
        </section>
      )}
      <section>
        <h2>{t('insight.open_at', { n: number(shift.open.length), all: number(shift.during) })}</h2>
        {shift.open.length > 0 && <OpenList rows={shift.open} />}
      </section>
      {may && mine && !handed && <Entry shift={shift} act={act} />}
      <section>
        <h2>{t('insight.log')}</h2>
        <Log lines={shift.lines} />
      </section>
    </>
  )
}

function OpenList({ rows }: { rows: CaseRow[] }): JSX.Element {
  return (
    <ul className="tq-case-files">
      {rows.slice(0, 50).map((row) => (
        <li key={row.id}>
          <span>
            {both(row.data.title) || row.title} {row.place} <small className="tq-dim">{row.number}</small>
          </span>
          <small>{row.handler_name || both(row.state_label)}</small>
        </li>
      ))}
    </ul>
  )
}

function Entry({ shift, act }: { shift: ShiftView; act: (path: string, body: unknown) => Promise<void> }): JSX.Element {
  const [note, setNote] = useState('')
  const [summary, setSummary] = useState<string | null>(null)
  const add = async (): Promise<void> => {
    const { etag } = await tagged('GET', `cases/${shift.id}`)
    await tagged('POST', `cases/${shift.id}/steps/note`, { body: { data: { note } }, etag: etag ?? '' })
    await client.invalidateQueries({ queryKey: ['cases'] })
    setNote('')
  }
  const [failed, setFailed] = useState<unknown>(null)
  return (
    <section className="tq-case-form">
      <Input.TextArea aria-label={t('insight.note')} placeholder={t('insight.note')} autoSize={{ minRows: 2, maxRows: 6 }} value={note} onChange={(event) => setNote(event.target.value)} />
      {Boolean(failed) && <Failure error={failed} />}
      <div className="tq-row">
        <Button size="small" type="primary" disabled={!note.trim()} onClick={() => void add().catch(setFailed)}>
          {t('insight.add_note')}
        </Button>
        <Button size="small" aria-expanded={summary !== null} onClick={() => setSummary(summary === null ? '' : null)}>
          {t('insight.hand_over')}
        </Button>
      </div>
      {summary !== null && (
        <>
          <Input.TextArea aria-label={t('insight.summary')} placeholder={t('insight.summary_hint', { n: number(shift.open.length) })} autoSize={{ minRows: 3, maxRows: 10 }} value={summary} onChange={(event) => setSummary(event.target.value)} />
          <Button type="primary" disabled={!summary.trim()} onClick={() => void act(`insight/shifts/${shift.id}/hand_over`, { summary })}>
            {t('insight.sign_off')}
          </Button>
        </>
      )}
    </section>
  )
}

const said = (data: Record<string, unknown>): string => ['note', 'summary', 'remark'].map((name) => data[name]).find((value): value is string => typeof value === 'string') ?? ''

function Log({ lines }: { lines: { seq: number; name: string; label: { zh: string; en: string }; at_ms: number; actor_name: string; data: Record<string, unknown> }[] }): JSX.Element {
  const items: TimelineItem[] = lines.filter((line) => line.name !== 'open').map((line) => ({ id: line.seq, at_ms: line.at_ms, title: both(line.label), by: line.actor_name, body: said(line.data) ? <p className="tq-case-said">{said(line.data)}</p> : undefined, tone: line.name === 'hand_over' || line.name === 'sign' ? 'good' : 'plain' }))
  return <Timeline items={items} label={t('insight.log')} newestFirst />
}

/** Shifts that were handed over, the latest first. */
function Earlier({ region }: { region: string }): JSX.Element {
  const [open, setOpen] = useState<string | null>(null)
  const { data } = useQuery({ queryKey: ['cases', 'shifts', region], queryFn: async ({ signal }) => (await get<{ items: CaseRow[] }>('cases', { 'filter.type': 'insight.shift', 'filter.region': region, open: false, limit: 10 }, signal)).items })
  if (!data?.length) return <></>
  return (
    <section>
      <h2>{t('insight.earlier')}</h2>
      <ul className="tq-case-files">
        {data.map((one) => (
          <li key={one.id}>
            <Button type="link" size="small" aria-expanded={open === one.id} onClick={() => setOpen(open === one.id ? null : one.id)}>
              {one.handler_name}
            </Button>
            <small className="tq-dim tq-num">
              {dateTime(one.opened_ms)} – {dateTime(one.closed_ms)}
            </small>
          </li>
        ))}
      </ul>
      {open && <EarlierLog key={open} id={open} />}
    </section>
  )
}

function EarlierLog({ id }: { id: string }): JSX.Element {
  const { data } = useCaseHistory(id)
  return data ? <Log lines={data} /> : <Skeleton rows={3} />
}
