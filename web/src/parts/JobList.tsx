/** Jobs, newest first: progress, messages, results, errors, and a stop button while they run. */
import { Button, Progress } from 'antd'
import { useEffect, useState, type JSX } from 'react'
import { cancelJob, isOver, jobs, readJob, readJobs } from '../api/jobs'
import type { Job } from '../api/types'
import { useStore } from '../state/store'
import { both, t } from '../text/catalogue'
import { percent, shortTime, span, zonedTime } from '../text/format'
import { Link } from './link'
import { Empty, Failure } from './states'

export function JobList(): JSX.Element {
  const all = [...useStore(jobs).values()].sort((a, b) => b.created_ms - a.created_ms)
  const [error, setError] = useState<unknown>(null)
  useEffect(() => {
    readJobs().catch(setError)
  }, [])
  if (error && !all.length) return <Failure error={error} again={() => void readJobs().then(() => setError(null), setError)} />
  if (!all.length) return <Empty title={t('jobs.none')} hint={t('jobs.none_hint')} />
  return (
    <ul className="tq-job-list">
      {all.slice(0, 100).map((job) => (
        <li key={job.id}>
          <JobCard job={job} />
        </li>
      ))}
    </ul>
  )
}

/** One job; while it runs it is read again in case the stream lost a message. */
export function JobCard({ job }: { job: Job }): JSX.Element {
  const [stopping, setStopping] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const over = isOver(job)
  useEffect(() => {
    if (over) return
    const timer = setInterval(() => void readJob(job.id).catch(() => undefined), 5000)
    return () => clearInterval(timer)
  }, [job.id, over])
  const stop = (): void => {
    setStopping(true)
    setFailure(null)
    cancelJob(job.id)
      .then(() => readJob(job.id))
      .catch(setFailure)
      .finally(() => setStopping(false))
  }
  const share = job.progress ?? 0
  const error = typeof job.error === 'string' ? job.error : both(job.error?.detail) || job.error?.code
  return (
    <article className={`tq-job is-${job.state}`} aria-label={both(job.title)}>
      <header>
        <strong>{both(job.title)}</strong>
        <span>{t(`jobs.state_${job.state}`)}</span>
      </header>
      {!over && <Progress percent={Math.round(share * 100)} size="small" status="active" format={() => percent(share)} aria-label={t('jobs.progress', { name: both(job.title) })} />}
      {both(job.message) && <p>{both(job.message)}</p>}
      {error && <p className="tq-wrong">{error}</p>}
      {failure !== null && <Failure error={failure} />}
      <footer>
        <span className="tq-dim" title={zonedTime(job.created_ms)}>
          {shortTime(job.created_ms)}
          {job.started_ms && job.finished_ms ? ` · ${span(job.finished_ms - job.started_ms)}` : ''}
        </span>
        <span className="tq-grow" />
        {!over && (
          <Button size="small" loading={stopping} onClick={stop}>
            {t('jobs.stop')}
          </Button>
        )}
        {job.kind.includes('import') && (
          <Link to="/platform/imports" patch={{ run: job.id }}>
            {t('imports.report')}
          </Link>
        )}
        {job.state === 'done' && documentOf(job) && <a href={documentOf(job)!}>{t('action.download')}</a>}
      </footer>
    </article>
  )
}

/** Address of the file that a job made. */
export function documentOf(job: Job): string | null {
  const made = job.result ?? {}
  const id = made.document ?? made.document_id
  if (typeof made.url === 'string') return made.url
  return typeof id === 'string' ? `/api/v1/documents/${id}` : null
}
