/** Alarms of the platform's rules as the bell needs them: how many wait for somebody, and the news of them. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { engine } from '../map/port'
import { useEvents, type FeedState } from '../live/events'
import { toast } from '../parts/toast'
import { go } from '../state/address'
import { both, t, type Bilingual } from '../text/catalogue'
import { number, shortTime } from '../text/format'
import { get } from './http'
import { client } from './queries'

/** An alarm as its events carry it. */
export interface Alarm {
  id: number
  rule: string
  rule_title?: Bilingual | string
  subject: string
  subject_name: string
  /** 1 the gravest to 4. */
  severity: number
  cause: string
  state: 'open' | 'cleared' | 'withdrawn'
  onset_ms: number
  cleared_ms: number | null
  /** It rang: its onset was not old when it became known. */
  live: boolean
  lon: number
  lat: number
  region: string
  place: { text: string }[]
  values: Record<string, unknown>
  evidence: string[]
  acknowledged_ms: number | null
  acknowledged_by: string
}

export const ALARMS_PAGE = '/platform/alarms'
/** Alarms as grave as this or graver are told aloud. */
const LOUD = 2
const GATHER_MS = 1500
const RECENT_MS = 10 * 60_000

/** Alarms nobody has taken yet; undefined where this platform does not tell. */
export function useAlarms(): { waiting: number | undefined; feed: FeedState } {
  const gathered = useRef<Alarm[]>([])
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const settle = (): void => {
    timer.current = undefined
    void client.invalidateQueries({ queryKey: ['alarms'] })
    engine.get()?.refresh('alarms.open')
    void client.invalidateQueries({ queryKey: ['rows', 'alarms.alarms'] })
    tell(gathered.current.splice(0))
  }
  const feed = useEvents<Alarm>('alarms/stream', ({ type, data }) => {
    if (rings(type, data)) gathered.current.push(data)
    timer.current ??= setTimeout(settle, GATHER_MS)
  })
  useEffect(() => () => clearTimeout(timer.current), [])
  const { data } = useQuery({
    queryKey: ['alarms', 'waiting'],
    enabled: feed.status === 'live' || feed.status === 'broken',
    retry: false,
    refetchInterval: 60_000,
    queryFn: ({ signal }) => get<{ total: number; by_severity: Record<string, number> }>('alarms/count', {}, signal),
  })
  return { waiting: data?.total, feed }
}

function rings(type: string, alarm: Alarm): boolean {
  const raised = type.endsWith('raised') || (type === 'alarm' && alarm.state === 'open' && !alarm.acknowledged_ms)
  return raised && alarm.live !== false && alarm.severity <= LOUD && alarm.onset_ms > Date.now() - RECENT_MS
}

/** What happened, in words. */
export const alarmTitle = (alarm: Alarm): string => both(alarm.rule_title) || alarm.rule

function tell(alarms: Alarm[]): void {
  if (!alarms.length) return
  if (alarms.length > 2) {
    toast({ key: 'alarms', tone: 'alarm', title: t('alarm.several', { n: number(alarms.length) }), text: [...new Set(alarms.map(alarmTitle))].slice(0, 3).join(t('list.comma')), action: t('alarm.open_list'), open: () => go(ALARMS_PAGE) })
    return
  }
  for (const alarm of alarms) {
    toast({
      key: `alarm-${alarm.id}`,
      tone: 'alarm',
      title: `${alarmTitle(alarm)} · ${alarm.subject_name}`,
      text: [alarm.place?.[0]?.text, shortTime(alarm.onset_ms)].filter(Boolean).join(' · '),
      action: t('alarm.look'),
      open: () => go(ALARMS_PAGE, { id: String(alarm.id), sel: alarm.subject }),
    })
  }
}
