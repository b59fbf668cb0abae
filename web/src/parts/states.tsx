/** The designed states: empty, loading, failed. Each says what it is and what to do next. */
import { Button } from 'antd'
import type { JSX, ReactNode } from 'react'
import { useState } from 'react'
import { ApiError } from '../api/http'
import { both, knows, t } from '../text/catalogue'

export function Empty({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }): JSX.Element {
  return (
    <div className="tq-empty">
      <p className="tq-empty-title">{title}</p>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  )
}

export function Skeleton({ rows = 6, label }: { rows?: number; label?: string }): JSX.Element {
  return (
    <div className="tq-skeleton" role="status" aria-label={label ?? t('state.loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} style={{ width: `${88 - ((i * 29) % 45)}%` }} />
      ))}
    </div>
  )
}

interface Told {
  code: string
  text: string
  advice: string
  request: string
  problems: string[]
}

/** An error in the reader's words: the server's own text where it sent one, and what to do by kind. */
export function tell(error: unknown): Told {
  if (error instanceof ApiError) {
    const { problem, status, code, request } = error
    const kind = status === 0 ? 'offline' : status === 403 ? 'forbidden' : status === 404 ? 'missing' : status === 412 ? 'stale' : status === 429 ? 'busy' : status >= 500 ? 'server' : 'input'
    const own = both(problem.detail) || both(problem.title)
    return {
      code,
      text: own || t(`error.${kind}`),
      advice: t(`error.${kind}_advice`),
      request,
      problems: (problem.problems ?? []).map((item) => [item.row ? t('error.row', { row: item.row }) : '', item.field ?? '', both(item.detail)].filter(Boolean).join(' · ')),
    }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'page.fault', text: t('error.page'), advice: t('error.page_advice'), request: message, problems: [] }
}

export function Failure({ error, again }: { error: unknown; again?: () => void }): JSX.Element {
  const told = tell(error)
  const [copied, setCopied] = useState(false)
  const copy = (): void => {
    const text = [told.code, told.text, told.request, ...told.problems, location.href, new Date().toISOString()].join('\n')
    void navigator.clipboard?.writeText(text).then(() => setCopied(true))
  }
  return (
    <div className="tq-failure" role="alert">
      <p className="tq-failure-text">{told.text}</p>
      {told.problems.slice(0, 8).map((line) => (
        <p key={line}>{line}</p>
      ))}
      <p>{told.advice}</p>
      <p className="tq-code">{told.code}</p>
      <div className="tq-row">
        {again && (
          <Button size="small" onClick={again}>
            {t('action.again')}
          </Button>
        )}
        <Button size="small" onClick={copy}>
          {copied ? t('action.copied') : t('action.copy')}
        </Button>
      </div>
    </div>
  )
}

/** One line for a figure that may be absent. */
export function orDash(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '—' : String(value)
}

export const labelOf = (key: string, fallback: string): string => (knows(key) ? t(key) : fallback)
