/** Commands with the state of their reply, as it changes. */
import { ago, both, Empty, Failure, Link, post, Skeleton, shortTime, t, tell, useNow, zonedTime } from '@web/kit'
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState, type JSX } from 'react'
import { FINAL, useCommands, type Command } from './api'

const STEPS = ['queued', 'sent', 'answered'] as const

export function CommandList({ terminal }: { terminal?: string }): JSX.Element {
  const { data, error, isPending, refetch } = useCommands(terminal)
  if (isPending) return <Skeleton rows={4} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  if (!data.length) return <Empty title={t('equipment.commands_none')} hint={t('equipment.commands_none_hint')} />
  return (
    <ol className="tq-commands" aria-label={t('equipment.commands')}>
      {data.map((command) => (
        <li key={command.id}>
          <Item command={command} named={!terminal} />
        </li>
      ))}
    </ol>
  )
}

function Item({ command, named }: { command: Command; named: boolean }): JSX.Element {
  const now = useNow(5000)
  const cache = useQueryClient()
  const [problem, setProblem] = useState('')
  const bad = command.state === 'failed' || command.state === 'expired' || command.state === 'cancelled'
  const reached = command.answered_ms ? 2 : command.sent_ms ? 1 : 0
  const times = [command.queued_ms, command.sent_ms, command.answered_ms]
  const cancel = (): void => {
    post(`equipment/commands/${command.id}/cancel`)
      .then(() => cache.invalidateQueries({ queryKey: ['equipment', 'commands'] }))
      .catch((error: unknown) => setProblem(tell(error).text))
  }
  const text = command.body?.text
  return (
    <article className={`tq-command is-${command.state}`}>
      <header>
        <strong>{both(command.title)}</strong>
        {named && <Link patch={{ sel: command.urn, tab: null }}>{command.terminal}</Link>}
        <span className="tq-grow" />
        <em className={bad ? 'tq-bad' : ''}>{t(`equipment.state.${command.state}`)}</em>
      </header>
      {typeof text === 'string' && <p className="tq-quote">{text}</p>}
      <ol className="tq-steps" aria-hidden="true">
        {STEPS.map((step, i) => (
          <li key={step} className={bad && i > reached ? 'is-off' : i <= reached ? 'is-done' : ''}>
            <i />
            <span>{t(`equipment.state.${i === 2 && command.state === 'failed' && command.answered_ms ? 'failed' : step}`)}</span>
            <small className="tq-num" title={zonedTime(times[i])}>
              {times[i] ? shortTime(times[i]) : ''}
            </small>
          </li>
        ))}
      </ol>
      {both(command.outcome) && <p className={bad ? 'tq-wrong' : ''}>{both(command.outcome)}</p>}
      {command.reply !== null && command.reply !== undefined && <pre className="tq-reply">{typeof command.reply === 'string' ? command.reply : JSON.stringify(command.reply, null, 1)}</pre>}
      {problem && (
        <p className="tq-wrong" role="alert">
          {problem}
        </p>
      )}
      <footer>
        <span className="tq-dim">{ago(command.queued_ms, now)}</span>
        <span className="tq-grow" />
        {command.state === 'queued' && (
          <Button size="small" onClick={cancel}>
            {t('equipment.cancel')}
          </Button>
        )}
        {!FINAL.includes(command.state) && command.state !== 'queued' && <span className="tq-dim">{t('equipment.waiting')}</span>}
      </footer>
    </article>
  )
}
