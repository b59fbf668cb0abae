/** Take positions out as Parquet: a stream, a window of time, a region; the work runs as a job. */
import { Button } from 'antd'
import { useState, type FormEvent, type JSX } from 'react'
import { jobs, readJob } from '../api/jobs'
import { post } from '../api/http'
import { useRegionName } from '../api/queries'
import { useRegion } from '../frame/RegionPath'
import { JobCard } from '../parts/JobList'
import { Failure } from '../parts/states'
import { TimeInput } from '../parts/TimeInput'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'

const HOUR_MS = 3_600_000

export default function Exports(): JSX.Element {
  const region = useRegion()
  const regionName = useRegionName()
  const [to, setTo] = useState(() => Math.floor(Date.now() / HOUR_MS) * HOUR_MS)
  const [from, setFrom] = useState(() => Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 6 * HOUR_MS)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const all = [...useStore(jobs).values()].filter((job) => job.kind.includes('export')).sort((a, b) => b.created_ms - a.created_ms)
  const valid = Number.isFinite(from) && Number.isFinite(to) && from < to
  const start = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (!valid) return
    setBusy(true)
    setFailure(null)
    try {
      const { job } = await post<{ job: string }>('exports', { stream: 'positions', from, to, region }, { idempotencyKey: crypto.randomUUID() })
      await readJob(job)
    } catch (error) {
      setFailure(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="tq-pad tq-scroll">
      <form className="tq-form is-plain" onSubmit={(event) => void start(event)}>
        <p>{t('exports.what')}</p>
        <div className="tq-field">
          <label htmlFor="export-from">{t('track.from')}</label>
          <TimeInput id="export-from" value={from} onChange={(value) => value !== null && setFrom(value)} />
        </div>
        <div className={valid ? 'tq-field' : 'tq-field is-wrong'}>
          <label htmlFor="export-to">{t('track.to')}</label>
          <TimeInput id="export-to" value={to} onChange={(value) => value !== null && setTo(value)} />
          {!valid && (
            <p className="tq-wrong" role="alert">
              {t('exports.order')}
            </p>
          )}
        </div>
        <p className="tq-dim">{t('exports.region', { name: regionName(region) || t('region.all') })}</p>
        <p className="tq-dim">{t('exports.logged')}</p>
        {failure !== null && <Failure error={failure} />}
        <Button type="primary" htmlType="submit" loading={busy} disabled={!valid}>
          {t('exports.start')}
        </Button>
      </form>
      <ul className="tq-job-list">
        {all.map((job) => (
          <li key={job.id}>
            <JobCard job={job} />
          </li>
        ))}
      </ul>
    </div>
  )
}
