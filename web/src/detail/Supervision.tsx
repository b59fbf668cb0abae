/** Supervision: who has ordered what until when, and the order or its end for whoever may. */
import { Button, Input, Select } from 'antd'
import { useState, type JSX } from 'react'
import type { CaseDetail } from '../api/cases'
import { post } from '../api/http'
import { client } from '../api/queries'
import { Failure } from '../parts/states'
import { TimeInput } from '../parts/TimeInput'
import { t } from '../text/catalogue'
import { dateTime } from '../text/format'

const DAY_MS = 86_400_000

export default function Supervision({ shown }: { shown: CaseDetail }): JSX.Element | null {
  const [open, setOpen] = useState(false)
  const running = shown.supervisions.filter((one) => one.lifted_ms === null)
  if (!running.length && !shown.may_supervise.length) return null
  return (
    <div className="tq-supervision">
      {running.map((one) => (
        <p key={one.id} className="tq-spread">
          <span>
            <b className="tq-case-mark">{t(`cases.level_${one.level}`)}</b> {one.reason}
            <small className="tq-dim"> {t('cases.ordered', { name: one.actor_name, time: dateTime(one.deadline_ms) })}</small>
          </span>
          {shown.may_supervise.includes(one.level) && <Lift id={shown.id} supervision={one.id} />}
        </p>
      ))}
      {shown.may_supervise.length > 0 && (
        <Button size="small" type="text" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('cases.supervise')}
        </Button>
      )}
      {open && <Order shown={shown} onDone={() => setOpen(false)} />}
    </div>
  )
}

function Order({ shown, onDone }: { shown: CaseDetail; onDone: () => void }): JSX.Element {
  const [level, setLevel] = useState(shown.may_supervise[0])
  const [deadline, setDeadline] = useState<number | null>(Math.ceil(Date.now() / DAY_MS + 1) * DAY_MS - 8 * 3_600_000)
  const [reason, setReason] = useState('')
  const [error, setError] = useState<unknown>(null)
  const send = (): void => {
    setError(null)
    post(`cases/${shown.id}/supervision`, { level, deadline_ms: deadline, reason }).then(async () => {
      await client.invalidateQueries({ queryKey: ['cases'] })
      onDone()
    }, setError)
  }
  return (
    <div className="tq-case-form">
      <Select size="small" aria-label={t('cases.level')} value={level} options={shown.may_supervise.map((one) => ({ value: one, label: t(`cases.level_${one}`) }))} onChange={setLevel} />
      <TimeInput label={t('cases.deadline')} value={deadline} onChange={setDeadline} />
      <Input.TextArea aria-label={t('cases.reason')} placeholder={t('cases.reason')} autoSize={{ minRows: 2, maxRows: 6 }} value={reason} onChange={(event) => setReason(event.target.value)} />
      {Boolean(error) && <Failure error={error} />}
      <Button size="small" type="primary" disabled={!reason.trim() || deadline === null} onClick={send}>
        {t('cases.supervise')}
      </Button>
    </div>
  )
}

function Lift({ id, supervision }: { id: string; supervision: string }): JSX.Element {
  const [reason, setReason] = useState<string | null>(null)
  const [error, setError] = useState<unknown>(null)
  if (reason === null)
    return (
      <Button size="small" onClick={() => setReason('')}>
        {t('cases.lift')}
      </Button>
    )
  const send = (): void => {
    setError(null)
    post(`cases/${id}/supervision/${supervision}/lift`, { reason }).then(() => client.invalidateQueries({ queryKey: ['cases'] }), setError)
  }
  return (
    <span className="tq-row">
      <Input size="small" aria-label={t('cases.reason')} placeholder={t('cases.reason')} value={reason} onChange={(event) => setReason(event.target.value)} onPressEnter={() => reason.trim() && send()} />
      <Button size="small" type="primary" disabled={!reason.trim()} onClick={send}>
        {t('cases.lift')}
      </Button>
      {Boolean(error) && <Failure error={error} />}
    </span>
  )
}
