/** Open data: what is shared, on which condition, with its versions, quality and use. */
import { ago, both, bytes, dateTime, Empty, Facts, Failure, get, number, orDash, Skeleton, t, useLanguage, useNow, zonedTime } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Tag } from 'antd'
import type { JSX } from 'react'
import type { Figures } from './feeds'

interface Entry {
  code: string
  name: string
  publisher: string | null
  region: string
  region_name: { zh: string; en: string } | null
  condition: 'unconditional' | 'conditional'
  licence: string | null
  note: string | null
  updated_ms: number
  version: { number: number; sha256: string; size: number; errors: number; warnings: number; figures: Figures; activated_ms: number; valid_from: string | null; valid_to: string | null } | null
  address?: string
  realtime?: string[]
  used: Record<string, number>
}

export default function OpenData(): JSX.Element {
  useLanguage()
  const now = useNow(60_000)
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['travel', 'open-data'], queryFn: ({ signal }) => get<{ items: Entry[] }>('travel/open-data', {}, signal) })
  if (isPending) return <Skeleton rows={8} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  if (!data.items.length) return <Empty title={t('travel.nothing_open')} hint={t('travel.nothing_open_hint')} />
  return (
    <div className="tq-pad tq-scroll">
      <p className="tq-dim">{t('travel.open_data_hint')}</p>
      {data.items.map((entry) => (
        <section key={entry.code} className="tq-block">
          <h2>{entry.name}</h2>
          <p>
            <Tag>{t(`travel.condition_${entry.condition}`)}</Tag> {orDash(entry.licence)}
          </p>
          <Facts
            facts={[
              { label: t('travel.publisher'), value: orDash(entry.publisher) },
              { label: t('travel.region'), value: both(entry.region_name) || entry.region },
              { label: t('travel.version'), value: entry.version ? t('travel.number', { n: entry.version.number }) : '—' },
              { label: t('travel.live_since'), value: entry.version ? ago(entry.version.activated_ms, now) : '—', title: entry.version ? zonedTime(entry.version.activated_ms) : undefined },
              { label: t('travel.valid'), value: entry.version?.valid_from ? `${entry.version.valid_from} — ${orDash(entry.version.valid_to)}` : '—' },
              { label: t('travel.lines_stops'), value: entry.version ? `${number(entry.version.figures.lines ?? 0)} / ${number(entry.version.figures.stops ?? 0)}` : '—' },
              { label: t('travel.quality'), value: entry.version ? t('travel.quality_of', { errors: number(entry.version.errors), warnings: number(entry.version.warnings) }) : '—' },
              { label: t('travel.used_90_days'), value: number(Object.values(entry.used).reduce((sum, one) => sum + one, 0)) },
              { label: t('travel.updated'), value: dateTime(entry.updated_ms) },
            ]}
          />
          {entry.version && entry.condition === 'unconditional' && (
            <p>
              <a href={entry.address}>{t('travel.download_gtfs', { size: bytes(entry.version.size) })}</a>
            </p>
          )}
          {entry.condition === 'conditional' && <p className="tq-dim">{t('travel.on_request')}</p>}
        </section>
      ))}
    </div>
  )
}
