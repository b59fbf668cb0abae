/** Bring lists in: choose what, take its template, try it (nothing is written), then do it; a report row by row. */
import { InboxOutlined } from '@ant-design/icons'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Segmented, Select } from 'antd'
import { useMemo, useRef, useState, type JSX } from 'react'
import { isOver, jobs, readJob } from '../api/jobs'
import { apiPath, get, post } from '../api/http'
import { items } from '../api/queries'
import type { Importer, ImportRow, ImportRun } from '../api/types'
import { useMay } from '../frame/session'
import { JobCard } from '../parts/JobList'
import { Link } from '../parts/link'
import { Empty, Failure, Skeleton } from '../parts/states'
import { patch, useParam } from '../state/address'
import { useStore } from '../state/store'
import { both, language, t } from '../text/catalogue'
import { bytes, number } from '../text/format'
import { Files } from './Files'

export default function Imports(): JSX.Element {
  const files = useParam('what') === 'files'
  return (
    <div className="tq-pad tq-scroll">
      <Segmented value={files ? 'files' : 'lists'} onChange={(value) => patch({ what: value === 'files' ? value : null, run: null, load: null, loader: null })} options={[{ value: 'lists', label: t('files.lists') }, { value: 'files', label: t('files.title') }]} aria-label={t('platform.imports')} />
      {files ? <Files /> : <Lists />}
    </div>
  )
}

function Lists(): JSX.Element {
  const run = useParam('run')
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['importers'], queryFn: async ({ signal }) => items(await get<Importer[] | { items: Importer[] }>('imports', {}, signal)) })
  const asked = useParam('importer')
  if (run) return <Run key={run} id={run} />
  if (isPending) return <Skeleton />
  if (error) return <Failure error={error} again={() => void refetch()} />
  const importer = data.find((item) => item.id === asked) ?? data[0]
  if (!importer) return <Empty title={t('imports.none')} />
  return (
    <>
      <Select value={importer.id} onChange={(value) => patch({ importer: value })} options={data.map((item) => ({ value: item.id, label: both(item.title) }))} aria-label={t('imports.what')} />
      <Upload key={importer.id} importer={importer} />
    </>
  )
}

const TYPES = /\.(xlsx|csv)$/i

function Upload({ importer }: { importer: Importer }): JSX.Element {
  const may = useMay(importer.permission)
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File | null>(null)
  const [key, setKey] = useState('')
  const [dry, setDry] = useState(true)
  const [over, setOver] = useState(false)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const choose = (chosen: File | undefined): void => {
    if (!chosen) return
    setFile(chosen)
    setKey(crypto.randomUUID())
    setFailure(null)
  }
  const wrongType = file && !TYPES.test(file.name)
  const start = async (): Promise<void> => {
    if (!file) return
    setBusy(true)
    setFailure(null)
    try {
      const form = new FormData()
      form.set('file', file)
      const { job } = await post<{ job: string }>(`imports/${importer.id}`, undefined, { form, query: { dry_run: dry }, idempotencyKey: `${key}-${dry ? 'dry' : 'real'}` })
      patch({ run: job })
    } catch (error) {
      setFailure(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <p className="tq-row">
        <span>{t('imports.template')}</span>
        <a href={apiPath(`imports/${importer.id}/template.xlsx`, { lang: language() })} download>
          .xlsx
        </a>
        <a href={apiPath(`imports/${importer.id}/template.csv`, { lang: language() })} download>
          .csv
        </a>
      </p>
      <details className="tq-importer-columns">
        <summary>{t('imports.columns', { n: importer.columns.length })}</summary>
        <ul>
          {importer.columns.map((column) => {
            const examples = column.options.length ? column.options.map((option) => both(option.label)).join(t('list.comma')) : column.example
            return (
              <li key={column.name}>
                <strong>{both(column.label)}</strong>
                {column.required && <em>{t('form.required')}</em>}
                {examples && <span className="tq-dim">{t('imports.example', { text: examples })}</span>}
              </li>
            )
          })}
        </ul>
      </details>
      {!may && <p className="tq-wrong">{t('error.forbidden')}</p>}
      <div
        className={over ? 'tq-drop is-over' : 'tq-drop'}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          choose(event.dataTransfer.files[0])
        }}
      >
        <InboxOutlined />
        <p>{file ? `${file.name} · ${bytes(file.size)}` : t('imports.drop')}</p>
        <Button onClick={() => input.current?.click()} disabled={!may}>
          {t(file ? 'imports.other' : 'imports.choose')}
        </Button>
        <input ref={input} type="file" accept=".xlsx,.csv" hidden aria-label={t('imports.choose')} onChange={(event) => choose(event.target.files?.[0])} />
      </div>
      {wrongType && (
        <p className="tq-wrong" role="alert">
          {t('imports.type')}
        </p>
      )}
      <Checkbox checked={dry} onChange={(event) => setDry(event.target.checked)}>
        {t('imports.dry')}
      </Checkbox>
      <p className="tq-help">{t(dry ? 'imports.dry_help' : 'imports.real_help')}</p>
      {failure !== null && <Failure error={failure} again={() => void start()} />}
      <Button type="primary" disabled={!file || Boolean(wrongType) || !may} loading={busy} onClick={() => void start()}>
        {t(dry ? 'imports.try' : 'imports.start')}
      </Button>
    </>
  )
}

const OUTCOMES = ['all', 'refused', 'created', 'updated', 'unchanged'] as const
type Outcome = (typeof OUTCOMES)[number]

interface ReportPage {
  items: ImportRow[]
  next?: string | null
  total?: number | null
}

function Run({ id }: { id: string }): JSX.Element {
  const known = useStore(jobs).get(id)
  const first = useQuery({ queryKey: ['job', id], queryFn: () => readJob(id), enabled: !known })
  const job = known ?? first.data
  const [outcome, setOutcome] = useState<Outcome>('all')
  const over = job ? isOver(job) : false
  const report = useInfiniteQuery({
    queryKey: ['import-rows', id, outcome, over],
    enabled: over,
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const answer = await get<ReportPage | ImportRow[]>(`imports/runs/${id}/rows`, { 'filter.outcome': outcome === 'all' ? null : outcome, limit: 200, cursor: pageParam }, signal)
      return Array.isArray(answer) ? { items: answer } : answer
    },
    getNextPageParam: (page: ReportPage) => page.next ?? undefined,
  })
  const rows = useMemo(() => (report.data?.pages.flatMap((page) => page.items) ?? []).filter((row) => outcome === 'all' || row.outcome === outcome), [report.data, outcome])
  const run = useQuery({ queryKey: ['import-run', id, over], enabled: Boolean(job), queryFn: ({ signal }) => get<ImportRun>(`imports/runs/${id}`, {}, signal) })
  const sums = run.data?.counts
  return (
    <>
      <p className="tq-row">
        <Link patch={{ run: null }}>{t('imports.another')}</Link>
        <span className="tq-grow" />
        {over && (
          <>
            <span>{t('imports.download')}</span>
            <a href={apiPath(`imports/runs/${id}/report.xlsx`, { lang: language() })} download>
              .xlsx
            </a>
            <a href={apiPath(`imports/runs/${id}/report.csv`, { lang: language() })} download>
              .csv
            </a>
          </>
        )}
      </p>
      {first.error && !job && <Failure error={first.error} again={() => void first.refetch()} />}
      {!job && first.isPending && !known && <Skeleton rows={3} />}
      {job && <JobCard job={job} />}
      {run.data && (
        <p className={run.data.dry_run ? 'tq-note' : 'tq-dim'}>
          {run.data.file_name} {run.data.dry_run ? t('imports.was_dry') : ''}
        </p>
      )}
      {run.data?.notes.map((note, i) => (
        <p key={i} className={note.level === 'error' ? 'tq-wrong' : 'tq-note'}>
          {both(note.detail)}
        </p>
      ))}
      {over && (
        <>
          <Segmented
            block
            size="small"
            value={outcome}
            onChange={(value) => setOutcome(value as Outcome)}
            options={OUTCOMES.map((value) => ({ value, label: value !== 'all' && sums?.[value] ? `${t(`imports.${value}`)} ${number(sums[value])}` : t(`imports.${value}`) }))}
            aria-label={t('imports.filter')}
          />
          {report.isPending && <Skeleton />}
          {report.error && <Failure error={report.error} again={() => void report.refetch()} />}
          {report.data && !rows.length && <Empty title={t('imports.no_rows')} />}
          <ol className="tq-report">
            {rows.map((row, i) => (
              <li key={i} className={`is-${row.outcome}`}>
                <span className="tq-num">{row.row}</span>
                <strong>{row.key ?? '—'}</strong>
                <em>{t(`imports.${row.outcome}`)}</em>
                {row.problems.map((problem, k) => (
                  <p key={k} className={problem.level === 'warning' ? 'is-warning' : ''}>
                    {problem.field ? `${problem.field}: ` : ''}
                    {both(problem.detail)}
                  </p>
                ))}
              </li>
            ))}
          </ol>
          {report.hasNextPage && (
            <Button size="small" loading={report.isFetchingNextPage} onClick={() => void report.fetchNextPage()}>
              {t('list.more')}
            </Button>
          )}
        </>
      )}
    </>
  )
}
