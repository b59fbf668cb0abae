/** The form of a step, from its declaration. */
import { Button } from 'antd'
import { useId, useState, type FormEvent, type JSX } from 'react'
import { fieldOf, takeStep, type CaseStep } from '../api/cases'
import { ApiError, tagged } from '../api/http'
import { FieldInput } from '../lists/FieldInput'
import { Failure } from '../parts/states'
import { both, t } from '../text/catalogue'

interface Props {
  id: string
  step: CaseStep
  etag: string | null
  onDone: () => void
}

export default function CaseStepForm({ id, step, etag, onDone }: Props): JSX.Element {
  const base = useId()
  const [values, setValues] = useState<Record<string, unknown>>({})
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const problems = error instanceof ApiError ? (error.problem.problems ?? []) : []
  const missing = step.form.filter((field) => field.required && !values[field.name])
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      const data: Record<string, unknown> = {}
      for (const [name, value] of Object.entries(values)) if (value !== null && value !== '') data[name] = value instanceof File ? await upload(value) : value
      await takeStep(id, step.id, data, etag)
      onDone()
    } catch (caught) {
      setError(caught)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="tq-case-form" onSubmit={(event) => void send(event)} aria-label={both(step.label)}>
      {step.form.map((field) => {
        const wrong = problems.find((one) => one.field === field.name)
        const control = `${base}-${field.name}`
        const set = (value: unknown): void => setValues((before) => ({ ...before, [field.name]: value }))
        return (
          <label key={field.name} htmlFor={control} className="tq-case-field">
            <span>
              {both(field.label)}
              {field.required && <i aria-hidden="true"> *</i>}
            </span>
            {field.type === 'document' ? (
              <input id={control} type="file" onChange={(event) => set(event.target.files?.[0] ?? null)} />
            ) : (
              <FieldInput field={fieldOf(field)} id={control} value={values[field.name] ?? null} onChange={set} wrong={Boolean(wrong)} describedBy={`${control}-told`} />
            )}
            <small id={`${control}-told`} className="tq-bad">
              {wrong ? both(wrong.detail) : ''}
            </small>
          </label>
        )
      })}
      {Boolean(error) && <Failure error={error} />}
      <div className="tq-row">
        <Button type="primary" size="small" htmlType="submit" loading={busy} disabled={missing.length > 0}>
          {both(step.label)}
        </Button>
        <span className="tq-dim tq-small">{t('cases.leads_to', { state: both(step.target) })}</span>
      </div>
    </form>
  )
}

/** Keep a file as a document; its hash is made here, before it leaves the machine. */
async function upload(file: File): Promise<string> {
  const content = await file.arrayBuffer()
  const digest = await crypto.subtle.digest('SHA-256', content)
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const { value } = await tagged<{ id: string }>('POST', 'documents/uploads', { body: { name: file.name, media_type: file.type || 'application/octet-stream', size: file.size, sha256 } })
  const CHUNK = 4 << 20
  for (let at = 0; at < file.size; at += CHUNK) {
    const answer = await fetch(`/api/v1/documents/uploads/${value.id}`, { method: 'PATCH', headers: { 'X-Tongqu': '1', 'Upload-Offset': String(at), 'Content-Type': 'application/octet-stream' }, body: content.slice(at, at + CHUNK), credentials: 'same-origin' })
    if (!answer.ok) throw new ApiError(answer.status, (await answer.json()) as ApiError['problem'], 'PATCH documents/uploads')
  }
  return (await tagged<{ id: string }>('POST', `documents/uploads/${value.id}/complete`)).value.id
}
