/** Reports of an incident: a draft filled from what is known, edited here, sent as a Word document. */
import { API, Failure, Skeleton, client, dateTime, get, language, post, remove, t, tagged, toast, type CaseDetail } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Popconfirm } from 'antd'
import { useState, type JSX } from 'react'

interface Report {
  id: string
  kind: 'first' | 'follow_up' | 'final'
  title: string
  body: { heading: string; text: string }[]
  author_name: string
  changed_ms: number
  submitted_ms: number | null
  document: string | null
}

const KINDS = ['first', 'follow_up', 'final'] as const

export default function Reports({ shown, may }: { shown: CaseDetail; may: boolean }): JSX.Element {
  const path = `insight/incidents/${shown.id}/reports`
  const { data, error, isPending } = useQuery({ queryKey: ['cases', 'reports', shown.id], queryFn: async ({ signal }) => (await get<{ items: Report[] }>(path, {}, signal)).items })
  const [open, setOpen] = useState<string | null>(null)
  const [failed, setFailed] = useState<unknown>(null)
  if (isPending) return <Skeleton rows={2} />
  if (error) return <Failure error={error} />
  const sent = new Set(data.filter((one) => one.submitted_ms).map((one) => one.kind))
  const handling = shown.state === 'handling'
  const offered = KINDS.filter((kind) => (kind === 'first' ? !sent.has('first') : sent.has('first') && !sent.has('final')) && !data.some((one) => one.kind === kind && !one.submitted_ms))
  const make = (kind: string): void => {
    setFailed(null)
    post<Report>(path, { kind, language: language() }).then(async (made) => {
      await client.invalidateQueries({ queryKey: ['cases', 'reports', shown.id] })
      setOpen(made.id)
    }, setFailed)
  }
  return (
    <section>
      <h2>{t('insight.reports_title')}</h2>
      {may && handling && offered.length > 0 && (
        <div className="tq-row">
          {offered.map((kind) => (
            <Button key={kind} size="small" onClick={() => make(kind)}>
              {t(`insight.draft_${kind}`)}
            </Button>
          ))}
        </div>
      )}
      {!handling && !data.length && <p className="tq-dim tq-small">{t(shown.final ? 'insight.no_reports' : 'insight.take_first')}</p>}
      {Boolean(failed) && <Failure error={failed} />}
      <ul className="tq-case-files tq-reports">
        {data.map((one) => (
          <li key={one.id}>
            {one.document ? (
              <a href={`${API}/documents/${one.document}`} download>
                {one.title}
              </a>
            ) : (
              <Button type="link" size="small" aria-expanded={open === one.id} onClick={() => setOpen(open === one.id ? null : one.id)}>
                {one.title}
              </Button>
            )}
            <small className="tq-dim">{one.submitted_ms ? t('insight.sent_at', { time: dateTime(one.submitted_ms) }) : t('insight.is_draft')}</small>
          </li>
        ))}
      </ul>
      {data.some((one) => one.id === open && !one.submitted_ms) && <Editor key={open} id={open!} may={may} onDone={() => setOpen(null)} />}
    </section>
  )
}

function Editor({ id, may, onDone }: { id: string; may: boolean; onDone: () => void }): JSX.Element {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['report', id], staleTime: Number.POSITIVE_INFINITY, gcTime: 0, queryFn: ({ signal }) => tagged<Report>('GET', `insight/reports/${id}`, { signal }) })
  const [edited, setEdited] = useState<Pick<Report, 'title' | 'body'> | null>(null)
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>(null)
  if (isPending) return <Skeleton rows={6} />
  if (error) return <Failure error={error} />
  const value = edited ?? data.value
  const save = async (): Promise<void> => {
    if (!edited) return
    await tagged('PUT', `insight/reports/${id}`, { body: { title: value.title, body: value.body }, etag: data.etag ?? undefined })
    await refetch()
    setEdited(null)
  }
  const run = (act: () => Promise<unknown>, done: boolean): void => {
    setBusy(true)
    setFailed(null)
    act()
      .then(async () => {
        await client.invalidateQueries({ queryKey: ['cases'] })
        if (done) onDone()
      }, setFailed)
      .finally(() => setBusy(false))
  }
  const send = async (): Promise<void> => {
    await save()
    await post(`insight/reports/${id}/submit`)
    toast({ key: `report-${id}`, tone: 'good', title: t('insight.sent', { title: value.title }) })
  }
  const change = (index: number, text: string): void => setEdited({ ...value, body: value.body.map((one, i) => (i === index ? { ...one, text } : one)) })
  return (
    <div className="tq-case-form">
      <Input aria-label={t('insight.report_title')} value={value.title} maxLength={200} onChange={(event) => setEdited({ ...value, title: event.target.value })} disabled={!may} />
      {value.body.map((one, index) => (
        <label key={index} className="tq-case-field">
          <span>{one.heading}</span>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 14 }} value={one.text} onChange={(event) => change(index, event.target.value)} disabled={!may} />
        </label>
      ))}
      <p className="tq-dim tq-small">{t('insight.basis_added')}</p>
      {Boolean(failed) && <Failure error={failed} />}
      {may && (
        <div className="tq-row">
          <Popconfirm title={t('insight.send_sure')} okText={t('insight.send')} cancelText={t('action.cancel')} onConfirm={() => run(send, true)}>
            <Button type="primary" size="small" loading={busy} disabled={!value.title.trim()}>
              {t('insight.send')}
            </Button>
          </Popconfirm>
          <Button size="small" disabled={!edited || busy} onClick={() => run(save, false)}>
            {t('insight.save_draft')}
          </Button>
          <Button size="small" danger type="text" disabled={busy} onClick={() => run(() => remove(`insight/reports/${id}`), true)}>
            {t('insight.discard')}
          </Button>
        </div>
      )}
    </div>
  )
}
