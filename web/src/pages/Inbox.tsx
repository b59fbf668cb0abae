/** What this person was told, and when they do not want to be. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useRef, useState, type JSX } from 'react'
import { get, post, tagged } from '../api/http'
import { client } from '../api/queries'
import { useWalk } from '../lists/VirtualList'
import { Empty, Failure, Skeleton } from '../parts/states'
import { go } from '../state/address'
import { both, t, type Bilingual } from '../text/catalogue'
import { number, shortTime, zonedTime } from '../text/format'

interface Told {
  id: string
  at_ms: number
  read_ms: number | null
  title: Bilingual
  text: Bilingual
  about: string
  link: string
}

export default function InboxPage(): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['inbox'],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => get<{ items: Told[]; total: number; unread: number }>('notify/inbox', { limit: 200 }, signal),
  })
  const read = useMutation({ mutationFn: (id: string | null) => post(id ? `notify/inbox/${id}/read` : 'notify/inbox/read', {}), onSettled: () => client.invalidateQueries({ queryKey: ['inbox'] }) })
  const rows = data?.items ?? []
  useWalk(box, rows.length, () => undefined)
  const open = (row: Told): void => {
    if (row.read_ms === null) read.mutate(row.id)
    const [path, query = ''] = row.link.split('?')
    if (path) go(path, { ...Object.fromEntries(new URLSearchParams(query)), ...(row.about ? { sel: row.about } : {}) })
  }
  return (
    <div className="tq-list">
      <p className="tq-spread tq-case-count">
        <span>{data && t('inbox.unread', { n: number(data.unread), total: number(data.total) })}</span>
        <Button size="small" disabled={!data?.unread} onClick={() => read.mutate(null)}>
          {t('inbox.read_all')}
        </Button>
      </p>
      {isPending && <Skeleton rows={8} />}
      {error && !data && <Failure error={error} again={() => void refetch()} />}
      {data && !rows.length && <Empty title={t('inbox.none')} hint={t('inbox.none_hint')} />}
      <div className="tq-cases" ref={box} role="list" aria-label={t('inbox.title')}>
        {rows.map((row, index) => (
          <div key={row.id} role="listitem" className={row.read_ms === null ? 'tq-case is-unread' : 'tq-case'}>
            <button type="button" data-row={index} onClick={() => open(row)}>
              <span className="tq-case-head">
                <b>{both(row.title)}</b>
                <span className="tq-num" title={zonedTime(row.at_ms)}>
                  {shortTime(row.at_ms)}
                </span>
              </span>
              <span className="tq-case-text">{both(row.text)}</span>
            </button>
          </div>
        ))}
      </div>
      <Quiet />
    </div>
  )
}

interface Hours {
  quiet_from_min: number | null
  quiet_to_min: number | null
}

const toClock = (minute: number | null): string => (minute === null ? '' : `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`)
const toMinute = (text: string): number | null => (text ? Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5)) : null)

function Quiet(): JSX.Element {
  const { data } = useQuery({ queryKey: ['quiet'], queryFn: ({ signal }) => get<Hours>('notify/preferences', {}, signal) })
  const [edited, setEdited] = useState<Hours | null>(null)
  const hours = edited ?? data ?? { quiet_from_min: null, quiet_to_min: null }
  const save = useMutation({
    mutationFn: (next: Hours) => tagged('PUT', 'notify/preferences', { body: next }),
    onSuccess: () => {
      setEdited(null)
      void client.invalidateQueries({ queryKey: ['quiet'] })
    },
  })
  const half = (hours.quiet_from_min === null) !== (hours.quiet_to_min === null)
  return (
    <details className="tq-how tq-quiet">
      <summary>{data?.quiet_from_min !== null && data ? t('inbox.quiet_set', { from: toClock(data.quiet_from_min), to: toClock(data.quiet_to_min) }) : t('inbox.quiet')}</summary>
      <p>{t('inbox.quiet_how')}</p>
      <div className="tq-row">
        <input className="tq-input" type="time" aria-label={t('inbox.from')} value={toClock(hours.quiet_from_min)} onChange={(event) => setEdited({ ...hours, quiet_from_min: toMinute(event.target.value) })} />
        <input className="tq-input" type="time" aria-label={t('inbox.to')} value={toClock(hours.quiet_to_min)} onChange={(event) => setEdited({ ...hours, quiet_to_min: toMinute(event.target.value) })} />
        <Button size="small" type="primary" disabled={!edited || half} loading={save.isPending} onClick={() => save.mutate(hours)}>
          {t('action.save')}
        </Button>
        <Button size="small" disabled={data?.quiet_from_min === null} onClick={() => save.mutate({ quiet_from_min: null, quiet_to_min: null })}>
          {t('inbox.quiet_end')}
        </Button>
      </div>
      {save.error && <Failure error={save.error} />}
    </details>
  )
}
