/** A moment as `2026-03-01 08:15:09` in the platform's zone: typed, or chosen from the browser's calendar. */
import { CalendarOutlined } from '@ant-design/icons'
import { useEffect, useRef, useState, type JSX } from 'react'
import { t } from '../text/catalogue'
import { dateTime, fromInput, toInput, zonedTime } from '../text/format'
import { readTime } from '../text/time'

interface Props {
  value: number | null
  onChange: (value: number | null) => void
  label?: string
  id?: string
  describedBy?: string
}

export function TimeInput({ value, onChange, label, id, describedBy }: Props): JSX.Element {
  const shown = value === null ? '' : dateTime(value)
  const [text, setText] = useState(shown)
  const picker = useRef<HTMLInputElement>(null)
  useEffect(() => setText(shown), [shown])
  const read = readTime(text)
  const wrong = Number.isNaN(read)
  const settle = (): void => {
    if (wrong) setText(shown)
    else if (read !== value) onChange(read)
  }
  return (
    <span className={wrong ? 'tq-when is-wrong' : 'tq-when'} title={zonedTime(value)}>
      <input
        id={id}
        className="tq-input"
        value={text}
        inputMode="numeric"
        placeholder="2026-01-31 08:00:00"
        aria-label={label}
        aria-invalid={wrong || undefined}
        aria-describedby={describedBy}
        onChange={(event) => setText(event.target.value)}
        onBlur={settle}
        onKeyDown={(event) => event.key === 'Enter' && settle()}
      />
      <input ref={picker} type="datetime-local" step={1} tabIndex={-1} aria-hidden="true" value={value === null ? '' : toInput(value)} onChange={(event) => Number.isFinite(fromInput(event.target.value)) && onChange(fromInput(event.target.value))} />
      <button type="button" aria-label={t('time.calendar')} onClick={() => picker.current?.showPicker?.()}>
        <CalendarOutlined />
      </button>
    </span>
  )
}
