/** How the live link does: a word with a mark of its own shape, and since when. */
import type { JSX } from 'react'
import { counts, link } from '../live/link'
import { useNow } from '../parts/hooks'
import { clock } from '../state/clock'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { shortTime, span, zonedTime } from '../text/format'

export function LinkLight({ compact = false }: { compact?: boolean }): JSX.Element {
  const state = useStore(link)
  const { at_ms } = useStore(counts)
  const past = useStore(clock).moment_ms !== null
  const now = useNow(5000)
  const status = past ? 'past' : state.status
  const text = status === 'broken' ? t('live.broken_short', { span: span(now - state.since_ms) }) : t(`live.${status}`)
  return (
    <span className={`tq-light is-${status}`} title={`${text} · ${at_ms ? zonedTime(at_ms) : shortTime(state.since_ms)}`} role="status">
      <i aria-hidden="true" />
      <span className={compact ? 'tq-hidden' : ''}>{text}</span>
    </span>
  )
}
