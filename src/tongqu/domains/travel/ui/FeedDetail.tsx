/** A feed: what it is, its versions, a new file, and what the check of a version says. */
import { bytes, dateTime, Empty, Facts, Failure, Link, number, orDash, Skeleton, t, useMap, useMay, useRegionName, type Fact } from '@web/kit'
import { useQuery } from '@tanstack/react-query'
import { Button, Checkbox, Progress, Tag } from 'antd'
import { useRef, useState, type JSX } from 'react'
import { getFeed, getVersions, sendFile, type Version } from './feeds'
import { Now } from './Now'
import { Operation } from './Operation'
import { VersionReport } from './VersionReport'

const idOf = (urn: string): string => urn.split(':').slice(3).join(':')
const TONES: Record<Version['state'], string | undefined> = { active: 'green', failed: 'red', refused: undefined, checking: 'processing', checked: undefined, superseded: undefined }

export default function FeedDetail({ urn }: { urn: string }): JSX.Element {
  const id = idOf(urn)
  const may = useMay('travel.edit')
  const regionName = useRegionName()
  const map = useMap()
  const [chosen, choose] = useState<string | null>(null)
  const feed = useQuery({ queryKey: ['travel', 'feed', id], queryFn: ({ signal }) => getFeed(id, signal) })
  const versions = useQuery({
    queryKey: ['travel', 'versions', id],
    queryFn: ({ signal }) => getVersions(id, signal),
    refetchInterval: (query) => (query.state.data?.some((one) => one.state === 'checking') ? 1500 : 15_000),
  })
  if (feed.isPending || versions.isPending) return <Skeleton />
  if (feed.error) return <Failure error={feed.error} again={() => void feed.refetch()} />
  if (versions.error) return <Failure error={versions.error} again={() => void versions.refetch()} />
  const again = (): void => void Promise.all([feed.refetch(), versions.refetch()])
  const row = feed.data
  const shown = versions.data.find((one) => one.id === chosen) ?? versions.data.find((one) => one.state === 'checking') ?? versions.data.find((one) => one.id === row.version) ?? versions.data[0]
  const live = versions.data.find((one) => one.id === row.version)
  const box = live?.figures.bounds
  const facts: Fact[] = [
    { label: t('travel.code'), value: row.code, copy: row.code },
    { label: t('travel.publisher'), value: orDash(row.publisher) },
    { label: t('travel.region'), value: regionName(row.region) },
    { label: t('travel.condition'), value: t(`travel.condition_${row.condition}`) },
    { label: t('travel.licence'), value: orDash(row.licence) },
  ]
  return (
    <>
      <section className="tq-block">
        <h2>{row.name}</h2>
        <Facts facts={facts} />
        <div className="tq-row">
          <Link to="/travel/feeds" patch={{ id: row.id }}>
            {t('travel.edit')}
          </Link>
          {box && map && (
            <Button size="small" onClick={() => map?.fit(box)}>
              {t('travel.show_on_map')}
            </Button>
          )}
          {row.open && row.version && <a href={`/api/v1/travel/open-data/${row.code}/gtfs.zip`}>{t('travel.open_address')}</a>}
        </div>
      </section>
      <Now feed={row.id} code={row.code} live={row.version !== null} />
      {row.operated && row.version && <Operation feed={row.id} />}
      {may && row.active && <NewFile feed={row.id} sent={(version) => (choose(version), again())} />}
      <section className="tq-block">
        <h2>{t('travel.versions')}</h2>
        {!versions.data.length && <Empty title={t('travel.no_versions')} hint={t('travel.no_versions_hint')} />}
        <ul className="tq-plain">
          {versions.data.map((one) => (
            <li key={one.id}>
              <button type="button" className={`tq-pick${one.id === shown?.id ? ' is-on' : ''}`} aria-pressed={one.id === shown?.id} onClick={() => choose(one.id)}>
                <b className="tq-num">{t('travel.number', { n: one.number })}</b> <Tag color={TONES[one.state]}>{t(`travel.state_${one.state}`)}</Tag>
                <small className="tq-dim">
                  {dateTime(one.received_ms)} · {bytes(one.size)}
                  {one.errors > 0 && ` · ${t('travel.errors_n', { n: number(one.errors) })}`}
                </small>
              </button>
            </li>
          ))}
        </ul>
      </section>
      {shown && <VersionReport key={shown.id} version={shown} may={may && row.active} changed={again} />}
    </>
  )
}

function NewFile({ feed, sent }: { feed: string; sent: (version: string) => void }): JSX.Element {
  const input = useRef<HTMLInputElement>(null)
  const [activate, setActivate] = useState(true)
  const [share, setShare] = useState<number | null>(null)
  const [stop, setStop] = useState<(() => void) | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const send = async (file: File | undefined): Promise<void> => {
    if (!file) return
    setFailure(null)
    setShare(0)
    const sending = sendFile(feed, file, activate, setShare)
    setStop(() => sending.stop)
    try {
      sent((await sending.done).id)
    } catch (error) {
      if (!(error instanceof DOMException)) setFailure(error)
    } finally {
      setShare(null)
      setStop(null)
      if (input.current) input.current.value = ''
    }
  }
  return (
    <section className="tq-block">
      <h2>{t('travel.new_version')}</h2>
      <p className="tq-dim">{t('travel.new_version_hint')}</p>
      <div className="tq-row">
        <input ref={input} type="file" accept=".zip,.xlsx,.csv" aria-label={t('travel.choose_file')} disabled={share !== null} onChange={(event) => void send(event.target.files?.[0])} />
        <a href="/api/v1/travel/feeds/template.xlsx">{t('travel.template')}</a>
      </div>
      <Checkbox checked={activate} onChange={(event) => setActivate(event.target.checked)}>
        {t('travel.activate_when_good')}
      </Checkbox>
      {share !== null && (
        <div className="tq-row">
          <Progress percent={Math.round(share * 100)} size="small" aria-label={t('travel.sending')} />
          <Button size="small" onClick={() => stop?.()}>
            {t('travel.stop_sending')}
          </Button>
        </div>
      )}
      {failure !== null && <Failure error={failure} />}
    </section>
  )
}
