/** A version of a feed: its figures, what the validator says row by row, what it changes, and what can be done with it. */
import { both, Facts, Failure, number, orDash, Skeleton, t, type Fact } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Popconfirm, Tag } from 'antd'
import { useState, type JSX } from 'react'
import { act, getVersion, type Difference, type Notice, type Version } from './feeds'

const TONES: Record<Notice['severity'], string | undefined> = { error: 'red', warning: 'gold', info: undefined }
const SHOWN = 12

export function VersionReport({ version, may, changed }: { version: Version; may: boolean; changed: () => void }): JSX.Element {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['travel', 'version', version.id, version.state], queryFn: ({ signal }) => getVersion(version.id, signal) })
  if (isPending) return <Skeleton rows={4} />
  if (error) return <Failure error={error} again={() => void refetch()} />
  return (
    <section className="tq-block">
      <h2>{t('travel.report_of', { n: data.number })}</h2>
      {data.state === 'checking' && <p>{t('travel.checking_now')}</p>}
      {data.reason && <p className="tq-wrong">{data.reason}</p>}
      {data.figures.stops !== undefined && <Facts facts={facts(data)} />}
      <div className="tq-row">
        <a href={`/api/v1/travel/versions/${data.id}/feed.zip`}>{t('travel.download')}</a>
        {data.has_mended && <a href={`/api/v1/travel/versions/${data.id}/mended.zip`}>{t('travel.download_mended')}</a>}
      </div>
      {may && <Actions version={data} changed={changed} />}
      <Notices notices={data.notices ?? []} checked={data.state !== 'checking' && data.state !== 'failed'} />
      <Changes difference={data.difference ?? {}} />
    </section>
  )
}

function facts(version: Version): Fact[] {
  const { figures } = version
  const count = (value: number | undefined): string => (value === undefined ? '—' : number(value))
  return [
    { label: t('travel.valid'), value: version.valid_from ? `${version.valid_from} — ${orDash(version.valid_to)}` : '—' },
    { label: t('travel.lines'), value: count(figures.lines) },
    { label: t('travel.stops'), value: count(figures.stops) },
    { label: t('travel.trips'), value: count(figures.trips) },
    { label: t('travel.line_km'), value: count(figures.line_km), unit: 'km' },
    { label: t('travel.day_trips', { day: orDash(figures.day) }), value: count(figures.day_trips) },
    { label: t('travel.filled_times'), value: count(figures.filled_times) },
  ]
}

function Actions({ version, changed }: { version: Version; changed: () => void }): JSX.Element | null {
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const run = async (verb: 'activate' | 'refuse', body: unknown = {}): Promise<void> => {
    setBusy(true)
    setFailure(null)
    try {
      await act(version.id, verb, body)
      changed()
    } catch (error) {
      setFailure(error)
    } finally {
      setBusy(false)
    }
  }
  if (version.state !== 'checked' && version.state !== 'superseded') return null
  return (
    <>
      <div className="tq-row">
        <Popconfirm title={version.errors ? t('travel.activate_with_errors', { n: number(version.errors) }) : t('travel.activate_sure')} okText={t('action.yes')} cancelText={t('action.no')} onConfirm={() => void run('activate')}>
          <Button type="primary" size="small" loading={busy}>
            {t('travel.activate')}
          </Button>
        </Popconfirm>
        {version.state === 'checked' && (
          <>
            <Input size="small" value={reason} onChange={(event) => setReason(event.target.value)} placeholder={t('travel.reason')} aria-label={t('travel.reason')} maxLength={2000} />
            <Button size="small" disabled={!reason.trim() || busy} onClick={() => void run('refuse', { reason: reason.trim() })}>
              {t('travel.refuse')}
            </Button>
          </>
        )}
      </div>
      {failure !== null && <Failure error={failure} />}
    </>
  )
}

function Notices({ notices, checked }: { notices: Notice[]; checked: boolean }): JSX.Element | null {
  if (!checked) return null
  if (!notices.length) return <p>{t('travel.no_notices')}</p>
  return (
    <>
      <h3>{t('travel.notices')}</h3>
      <ul className="tq-plain">
        {notices.map((notice) => (
          <li key={`${notice.code}:${notice.file}:${notice.field}`}>
            <details>
              <summary>
                <Tag color={TONES[notice.severity]}>{t(`travel.severity_${notice.severity}`)}</Tag> {both(notice.detail)} <b className="tq-num">{number(notice.total)}</b>
              </summary>
              <p className="tq-dim">
                <code>{notice.code}</code> · {notice.file}
                {notice.field && ` · ${notice.field}`}
              </p>
              {notice.rows.length > 0 && (
                <p className="tq-num">
                  {t('travel.rows')} {notice.rows.slice(0, SHOWN).join(', ')}
                  {notice.total > SHOWN && ' …'}
                </p>
              )}
              {notice.samples.slice(0, 5).map((sample, i) => (
                <pre key={i} className="tq-sample">
                  {Object.entries(sample)
                    .map(([name, value]) => `${name}: ${String(value)}`)
                    .join('\n')}
                </pre>
              ))}
            </details>
          </li>
        ))}
      </ul>
    </>
  )
}

function Changes({ difference }: { difference: Difference }): JSX.Element | null {
  const parts = Object.entries(difference).filter(([, part]) => part && !Array.isArray(part) && (part.added?.length || part.removed?.length || part.changed?.length || part.before !== part.after))
  if (!parts.length) return null
  return (
    <>
      <h3>{t('travel.difference')}</h3>
      <table className="tq-grid">
        <thead>
          <tr>
            <th scope="col" />
            <th scope="col">{t('travel.before')}</th>
            <th scope="col">{t('travel.after')}</th>
            <th scope="col">{t('travel.added')}</th>
            <th scope="col">{t('travel.removed')}</th>
            <th scope="col">{t('travel.changed')}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map(([name, part]) => (
            <tr key={name}>
              <th scope="row">{t(`travel.${name}`)}</th>
              <td className="tq-num">{part?.before === undefined ? '' : number(part.before)}</td>
              <td className="tq-num">{part?.after === undefined ? '' : number(part.after)}</td>
              <td title={part?.added?.join('\n')}>{part?.added?.length ?? 0}</td>
              <td title={part?.removed?.join('\n')}>{part?.removed?.length ?? 0}</td>
              <td title={part?.changed?.join('\n')}>{part?.changed?.length ?? 0}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}
