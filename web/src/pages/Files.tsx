/** Whole files (networks, feeds, logs, traces): choose one, see who takes it, follow the job, read what came of it. */
import { useQuery } from '@tanstack/react-query'
import { Button, Input, Progress, Select } from 'antd'
import { useEffect, useRef, useState, type JSX } from 'react'
import { isOver, jobs, readJob } from '../api/jobs'
import { get, post } from '../api/http'
import { items } from '../api/queries'
import type { Text } from '../api/types'
import { upload } from '../api/upload'
import { useMay } from '../frame/session'
import { JobCard } from '../parts/JobList'
import { Link } from '../parts/link'
import { Failure, Skeleton } from '../parts/states'
import { patch, useParam } from '../state/address'
import { useStore } from '../state/store'
import { both, t } from '../text/catalogue'
import { bytes, number, percent } from '../text/format'

interface Loader {
  id: string
  title: Text
  suffixes: string[]
}

const useLoaders = () => useQuery({ queryKey: ['loaders'], queryFn: async ({ signal }) => items(await get<Loader[] | { items: Loader[] }>('imports/loaders', {}, signal)) })

export function Files(): JSX.Element {
  const run = useParam('load')
  return run ? <Loaded key={run} id={run} /> : <Choose />
}

/** `region=990303 datum=gcj02` as the names and values of a loader's options. */
const optionsOf = (text: string): Record<string, string> => Object.fromEntries([...text.matchAll(/([a-z][a-z0-9_]*)\s*=\s*(\S+)/g)].map(([, name, value]) => [name!, value!]))

function Choose(): JSX.Element {
  const loaders = useLoaders()
  const may = useMay('documents.write')
  const input = useRef<HTMLInputElement>(null)
  const stop = useRef<AbortController | null>(null)
  const [file, setFile] = useState<File | null>(null)
  const [loader, setLoader] = useState('')
  const [options, setOptions] = useState('')
  const [step, setStep] = useState<{ name: 'reading' | 'sending'; share: number } | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  useEffect(() => () => stop.current?.abort(), [])
  if (loaders.isPending) return <Skeleton />
  if (loaders.error) return <Failure error={loaders.error} again={() => void loaders.refetch()} />
  const start = async (): Promise<void> => {
    if (!file) return
    const control = new AbortController()
    stop.current = control
    setFailure(null)
    setStep({ name: 'reading', share: 0 })
    try {
      const document = await upload(file, (name, share) => setStep({ name, share }), control.signal)
      const { job, loader: taker } = await post<{ job: string; loader: string }>('imports/files', { document, loader: loader || null, options: optionsOf(options) }, { signal: control.signal })
      patch({ load: job, loader: taker })
    } catch (error) {
      if (!control.signal.aborted) setFailure(error)
    } finally {
      setStep(null)
    }
  }
  return (
    <>
      <p className="tq-help">{t('files.what')}</p>
      <ul>
        {loaders.data.map((one) => (
          <li key={one.id}>
            {both(one.title)} <span className="tq-dim">{one.suffixes.join(' ')}</span>
          </li>
        ))}
      </ul>
      {!may && <p className="tq-wrong">{t('error.forbidden')}</p>}
      <p className="tq-row">
        <Button onClick={() => input.current?.click()} disabled={!may || step !== null}>
          {t(file ? 'imports.other' : 'imports.choose')}
        </Button>
        {file && (
          <span>
            {file.name} · {bytes(file.size)}
          </span>
        )}
      </p>
      <input ref={input} type="file" hidden aria-label={t('imports.choose')} onChange={(event) => setFile(event.target.files?.[0] ?? file)} />
      <Select value={loader} onChange={setLoader} aria-label={t('files.kind')} options={[{ value: '', label: t('files.recognise') }, ...loaders.data.map((one) => ({ value: one.id, label: both(one.title) }))]} />
      <Input value={options} onChange={(event) => setOptions(event.target.value)} placeholder={t('files.options')} aria-label={t('files.options')} />
      {step && <Progress percent={Math.round(step.share * 100)} size="small" status="active" format={() => `${t(`files.${step.name}`)} ${percent(step.share)}`} aria-label={t(`files.${step.name}`)} />}
      {failure !== null && <Failure error={failure} again={() => void start()} />}
      <p className="tq-row">
        <Button type="primary" disabled={!file || !may} loading={step !== null} onClick={() => void start()}>
          {t('files.start')}
        </Button>
        {step && <Button onClick={() => stop.current?.abort()}>{t('files.stop')}</Button>}
      </p>
    </>
  )
}

interface Report {
  loader?: string
  taken?: Record<string, number>
  flagged?: Record<string, number>
  refused?: Record<string, number>
  problems?: { code: string; row: number | null; field: string | null; detail: Text }[]
}

const PARTS = ['taken', 'flagged', 'refused'] as const
const SHOWN = 200

function Loaded({ id }: { id: string }): JSX.Element {
  const known = useStore(jobs).get(id)
  const first = useQuery({ queryKey: ['job', id], queryFn: () => readJob(id), enabled: !known })
  const loaders = useLoaders()
  const job = known ?? first.data
  const report = job && isOver(job) ? (job.result as Report | null) : null
  const told = useParam('loader')
  const taker = report?.loader ?? told
  const loader = loaders.data?.find((one) => one.id === taker)
  const problems = report?.problems ?? []
  return (
    <>
      <Link patch={{ load: null, loader: null }}>{t('imports.another')}</Link>
      {first.error && !job && <Failure error={first.error} again={() => void first.refetch()} />}
      {!job && first.isPending && <Skeleton rows={3} />}
      {taker && <p>{t('files.taken_by', { name: loader ? both(loader.title) : taker })}</p>}
      {job && <JobCard job={job} />}
      {report && (
        <>
          <dl>
            {PARTS.map((part) => (
              <div key={part}>
                <dt>{t(`files.${part}`)}</dt>
                <dd className="tq-num">
                  {Object.entries(report[part] ?? {})
                    .map(([name, count]) => `${name} ${number(count)}`)
                    .join(' · ') || '—'}
                </dd>
              </div>
            ))}
          </dl>
          <ol className="tq-report">
            {problems.slice(0, SHOWN).map((problem, i) => (
              <li key={i}>
                <span className="tq-num">{problem.row ?? ''}</span>
                <strong>{problem.field ?? ''}</strong>
                <p>{both(problem.detail)}</p>
              </li>
            ))}
          </ol>
          {problems.length > SHOWN && <p className="tq-dim">{t('files.more', { n: problems.length - SHOWN })}</p>}
        </>
      )}
    </>
  )
}
