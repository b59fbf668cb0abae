/** Alarms: those that wait for somebody, all that are open, or all there were; one of them with its evidence. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Button, Input, Segmented } from 'antd'
import { useMemo, useState, type JSX } from 'react'
import type { Alarm } from '../api/alarms'
import { get, tagged } from '../api/http'
import { client, useRegionName } from '../api/queries'
import type { Column, Row } from '../api/types'
import { useMay } from '../frame/session'
import { VirtualList } from '../lists/VirtualList'
import { Facts, type Fact } from '../parts/Facts'
import { FeedLight } from '../parts/FeedLight'
import { useKey, usePhone, useSettled } from '../parts/hooks'
import { useShortcut } from '../parts/keys'
import { Link } from '../parts/link'
import { Empty, Failure, Skeleton } from '../parts/states'
import { useEvents } from '../live/events'
import { patch, useParam } from '../state/address'
import { both, t, type Bilingual } from '../text/catalogue'
import { coordinates, dateTime, number, shortTime, span, zonedTime } from '../text/format'

interface AlarmRow extends Alarm {
  rule_title: Bilingual
  rule_text: Bilingual
  place_text: string
  incident: string
  acknowledged_name: string
  note: string
  home_region: string | null
}

interface AlarmPage {
  items: AlarmRow[]
  next: string | null
  total: number | null
}

const VIEWS = { waiting: { 'filter.waiting': 1 }, open: { 'filter.state': 'open' }, all: {} } as const
type View = keyof typeof VIEWS
const column = (name: string): Column => ({ name, label: t(`alarm.${name}`), type: 'text' })

export default function Alarms(): JSX.Element {
  const chosen = useParam('id')
  return chosen ? <Opened id={chosen} /> : <List />
}

function List(): JSX.Element {
  const view = ((useParam('view') as View | null) ?? 'waiting') satisfies View
  const region = useParam('region')
  const incident = useParam('incident')
  const [text, setText] = useState('')
  const q = useSettled(text.trim())
  const feed = useEvents<Alarm>('alarms/stream', () => undefined)
  const query = { ...(VIEWS[view] ?? {}), q, limit: 200, ...(region ? { 'filter.region': region } : {}), ...(incident ? { 'filter.incident': incident } : {}) }
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['alarms', 'list', view, region, incident, q],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => get<AlarmPage>('alarms', { ...query, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.next ?? undefined,
  })
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const focused = (): AlarmRow | undefined => rows[Number((document.activeElement as HTMLElement | null)?.dataset.row ?? -1)]
  const may = useMay('alarms.acknowledge')
  const phone = usePhone()
  const [failure, setFailure] = useState<unknown>(null)
  useShortcut(
    'a',
    t('alarm.acknowledge_row'),
    () => {
      const row = focused()
      if (row && !row.acknowledged_ms) acknowledge(row.id, '').then(() => setFailure(null), setFailure)
    },
    may,
  )
  const show = (col: Column, item: Row): string => {
    const alarm = item as unknown as AlarmRow
    switch (col.name) {
      case 'what':
        return `${alarm.severity} · ${alarm.subject_name} · ${both(alarm.rule_title)}`
      case 'onset':
        return shortTime(alarm.onset_ms)
      case 'place':
        return alarm.place_text
      case 'state':
        return t(`alarm.states.${alarm.acknowledged_ms && alarm.state === 'open' ? 'seen' : alarm.state}`)
      default:
        return both(alarm.rule_text)
    }
  }
  const total = data?.pages[0]?.total
  return (
    <div className="tq-list">
      <div className="tq-list-tools">
        <Segmented<View> value={view} onChange={(value) => patch({ view: value === 'waiting' ? null : value })} options={(Object.keys(VIEWS) as View[]).map((value) => ({ value, label: t(`alarm.views.${value}`) }))} />
        <FeedLight feed={feed} />
      </div>
      <div className="tq-list-tools">
        <Input allowClear value={text} onChange={(event) => setText(event.target.value)} placeholder={t('alarm.find')} aria-label={t('alarm.find')} />
        {incident && (
          <Button size="small" onClick={() => patch({ incident: null })}>
            {t('alarm.all_incidents')}
          </Button>
        )}
      </div>
      {failure !== null && <Failure error={failure} />}
      {isPending && <Skeleton rows={10} />}
      {error && !rows.length && <Failure error={error} again={() => void refetch()} />}
      {data && !rows.length && <Empty title={t(`alarm.none.${view}`)} hint={t('alarm.none_hint')} />}
      {rows.length > 0 && (
        <VirtualList
          columns={['what', 'onset', 'place', 'state', 'why'].map(column)}
          rows={rows as unknown as Row[]}
          keyName="id"
          label={t('platform.alarms')}
          onOpen={(item) => patch({ id: String(item.id), sel: phone ? null : String(item.subject) })}
          onEnd={() => hasNextPage && !isFetchingNextPage && void fetchNextPage()}
          isSelected={() => false}
          text={show}
        />
      )}
      {rows.length > 0 && <footer className="tq-list-foot">{typeof total === 'number' ? t('list.of', { n: number(rows.length), total: number(total) }) : t('list.loaded', { n: number(rows.length) })}</footer>}
    </div>
  )
}

async function acknowledge(id: number, note: string): Promise<void> {
  const { etag } = await tagged('GET', `alarms/${id}`)
  await tagged('POST', `alarms/${id}/acknowledge`, { body: { note }, etag: etag ?? undefined })
  await client.invalidateQueries({ queryKey: ['alarms'] })
}

function Opened({ id }: { id: string }): JSX.Element {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['alarms', 'one', id],
    queryFn: ({ signal }) => get<AlarmRow>(`alarms/${encodeURIComponent(id)}`, {}, signal),
  })
  return (
    <div className="tq-pad tq-scroll">
      <Button size="small" onClick={() => patch({ id: null })}>
        {t('action.back_list')}
      </Button>
      {isPending && <Skeleton rows={8} />}
      {error && <Failure error={error} again={() => void refetch()} />}
      {data && <Detail alarm={data} />}
    </div>
  )
}

function Detail({ alarm }: { alarm: AlarmRow }): JSX.Element {
  const regionName = useRegionName()
  const time = (ms: number | null): Pick<Fact, 'value' | 'title'> => (ms === null ? { value: '—' } : { value: dateTime(ms), title: zonedTime(ms) })
  const lasted = (alarm.cleared_ms ?? Date.now()) - alarm.onset_ms
  const facts: Fact[] = [
    { label: t('alarm.severity'), value: t('alarm.severity_of', { n: alarm.severity }) },
    { label: t('alarm.state'), value: t(`alarm.states.${alarm.state}`) },
    { label: t('alarm.subject'), value: <Link patch={{ sel: alarm.subject }}>{alarm.subject_name}</Link> },
    { label: t('alarm.onset'), ...time(alarm.onset_ms) },
    { label: t('alarm.cleared'), ...time(alarm.cleared_ms) },
    { label: t('alarm.lasted'), value: alarm.state === 'withdrawn' ? '—' : span(lasted) },
    { label: t('alarm.place'), value: alarm.place.map((one) => one.text).join(t('list.comma')) || coordinates(alarm.lon, alarm.lat) },
    { label: t('alarm.region'), value: alarm.region ? regionName(alarm.region) : '—' },
    { label: t('alarm.incident'), value: <Link patch={{ id: null, incident: alarm.incident, view: 'all' }}>{t('alarm.same_incident')}</Link> },
  ]
  if (alarm.acknowledged_ms !== null) facts.push({ label: t('alarm.acknowledged'), value: `${alarm.acknowledged_name} ${shortTime(alarm.acknowledged_ms)}` })
  if (alarm.note) facts.push({ label: t('alarm.note'), value: alarm.note })
  return (
    <>
      <h2 className="tq-bad">{both(alarm.rule_title)}</h2>
      <p>{both(alarm.rule_text)}</p>
      {!alarm.live && <p className="tq-note">{t('alarm.not_live')}</p>}
      <Facts facts={facts} />
      <h3>{t('alarm.evidence')}</h3>
      {alarm.evidence.length === 0 && <p className="tq-note">{t('alarm.no_evidence')}</p>}
      <div className="tq-row">
        {alarm.evidence.map((frame, i) => (
          <Button key={frame} size="small" onClick={() => patch({ frame, sel: null })}>
            {t('alarm.frame', { n: i + 1 })}
          </Button>
        ))}
      </div>
      <Acknowledge key={alarm.id} alarm={alarm} />
    </>
  )
}

function Acknowledge({ alarm }: { alarm: AlarmRow }): JSX.Element | null {
  const may = useMay('alarms.acknowledge')
  const mayCommand = useMay('equipment.command')
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const waits = may && alarm.acknowledged_ms === null && alarm.state !== 'withdrawn'
  const send = (): void => {
    setBusy(true)
    acknowledge(alarm.id, note.trim())
      .then(() => setFailure(null), setFailure)
      .finally(() => setBusy(false))
  }
  useKey((event) => event.key === 'a' && waits && !busy && !event.ctrlKey && !event.metaKey, send)
  return (
    <section className="tq-block">
      {waits && (
        <>
          <Input.TextArea rows={2} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} placeholder={t('alarm.note_hint')} aria-label={t('alarm.note')} />
          <Button type="primary" loading={busy} onClick={send}>
            {t('alarm.acknowledge')}
          </Button>
        </>
      )}
      {mayCommand && <Button onClick={() => patch({ sel: alarm.subject, tab: 'command' })}>{t('alarm.text_driver')}</Button>}
      {failure !== null && <Failure error={failure} />}
    </section>
  )
}
