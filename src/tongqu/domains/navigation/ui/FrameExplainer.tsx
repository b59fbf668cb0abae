/** A logged AIS message: its sentences as received, and every field of it. */
import { both, Facts, Failure, get, orDash, Skeleton, t, zonedTime, dateTime } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import type { JSX } from 'react'
import { Explained, type Field } from './Explained'
import './ships.css'

interface Frame {
  received_ms: number
  mmsi: number | null
  title: { zh: string; en: string } | null
  reason_label: { zh: string; en: string } | null
  sentences: string[]
  rows: Field[]
}

export default function FrameExplainer({ frame }: { frame: string }): JSX.Element {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['navigation', 'frame', frame],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => get<Frame>(`navigation/frames/${encodeURIComponent(frame)}`, {}, signal),
  })
  if (isPending) return <Skeleton rows={12} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  return (
    <div className="tq-explain">
      <Facts
        facts={[
          { label: t('navigation.field.message'), value: data.title ? both(data.title) : '—' },
          { label: 'MMSI', value: orDash(data.mmsi) },
          { label: t('navigation.received'), value: dateTime(data.received_ms), title: zonedTime(data.received_ms) },
          ...(data.reason_label ? [{ label: t('navigation.last_reason'), value: both(data.reason_label) }] : []),
        ]}
      />
      <pre className="tq-ais-raw">{data.sentences.join('\n')}</pre>
      <Explained rows={data.rows} />
    </div>
  )
}
