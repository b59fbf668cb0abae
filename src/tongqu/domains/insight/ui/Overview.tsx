/** Figures of the region one looks at: by state, category and the regions below. Each opens the rows it counts. */
import { ago, both, chooseRegion, color, Empty, Failure, get, Link, number, percent, Skeleton, t, useCategories, useNow, useRegion, useRegionName, useRegions, zonedTime, type Patch } from '@web/kit'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import type { JSX } from 'react'

interface Figures {
  count: number
  online: number
  moving?: number
  stale: number
  alarm: number
  /** Open incidents; told of regions, not of categories. */
  incidents?: number
}

interface Overview extends Figures {
  at_ms: number
  region: string | null
  categories: ({ category: number } & Figures)[]
  regions: ({ region: string } & Figures)[]
}

const ROWS = '/platform/movers'
const INCIDENTS = '/insight/incidents'

const useOverview = (region: string | null, enabled = true): UseQueryResult<Overview> =>
  useQuery<Overview>({
    queryKey: ['insight', 'overview', region],
    enabled,
    refetchInterval: 5000,
    placeholderData: (before) => before,
    queryFn: ({ signal }) => get<Overview>('insight/overview', { region }, signal),
  })

export default function OverviewPage(): JSX.Element {
  const region = useRegion()
  const whole = useOverview(region)
  // Who sees everything, and everything is in one province, begins with its cities.
  const only = region === null && whole.data?.regions.length === 1 ? whole.data.regions[0].region : null
  const inner = useOverview(only, only !== null)
  const { error, isPending, refetch } = whole
  const data = only !== null && inner.data ? { ...whole.data!, regions: inner.data.regions } : whole.data
  if (isPending) return <Skeleton rows={10} />
  if (error && !data) return <Failure error={error} again={() => void refetch()} />
  return (
    <div className="tq-pad tq-scroll tq-overview">
      {error && <Failure error={error} again={() => void refetch()} />}
      {data && <Shown data={data} region={region} />}
    </div>
  )
}

function Shown({ data, region }: { data: Overview; region: string | null }): JSX.Element {
  const now = useNow(1000)
  const regionName = useRegionName()
  if (!data.count && !data.incidents) return <Empty title={t('insight.empty')} hint={t('insight.empty_hint')} />
  return (
    <>
      <p className="tq-spread">
        <strong>{regionName(region) || t('insight.everywhere')}</strong>
        <small className="tq-dim" title={zonedTime(data.at_ms)}>
          {ago(data.at_ms, now)}
        </small>
      </p>
      <div className="tq-figures">
        <Figure label={t('insight.all')} value={data.count} patch={{}} />
        <Figure label={t('insight.online')} value={data.online} of={data.count} patch={{ 'f.state': 'online' }} />
        <Figure label={t('insight.stale')} value={data.stale} of={data.count} patch={{ 'f.state': 2 }} kind="stale" />
        <Figure label={t('insight.alarm')} value={data.alarm} patch={{ 'f.alarm': 1 }} kind="alarm" />
        <Figure label={t('insight.open_incidents')} value={data.incidents ?? 0} patch={{}} to={INCIDENTS} />
      </div>
      <Categories data={data} />
      <Regions data={data} region={region} />
      <details className="tq-how">
        <summary>{t('insight.how')}</summary>
        <p>{t('insight.how_text')}</p>
      </details>
    </>
  )
}

function Figure({ label, value, of, patch, kind = '', to = ROWS }: { label: string; value: number; of?: number; patch: Patch; kind?: string; to?: string }): JSX.Element {
  return (
    <Link to={to} patch={patch} className={`tq-figure is-${kind || 'plain'}`} title={t('insight.open_rows')}>
      <span>{label}</span>
      <b className="tq-num">{number(value)}</b>
      <small className="tq-num">{of ? percent(value / of, value / of > 0.999 && value < of ? 1 : 0) : ''}</small>
    </Link>
  )
}

function Categories({ data }: { data: Overview }): JSX.Element {
  const { data: categories = [] } = useCategories()
  const rows = data.categories.filter((row) => row.count).sort((a, b) => b.count - a.count)
  const most = Math.max(1, ...rows.map((row) => row.count))
  return (
    <section>
      <h2>{t('insight.by_category')}</h2>
      <ul className="tq-bars">
        {rows.map((row) => {
          const category = categories.find((item) => item.id === row.category)
          return (
            <li key={row.category}>
              <Link to={ROWS} patch={{ 'f.category': row.category }} title={t('insight.open_rows')}>
                <span className="tq-bar-name">{category ? both(category.label) : t('insight.no_category')}</span>
                <span className="tq-bar" aria-hidden="true">
                  <i style={{ width: `${(row.online / most) * 100}%`, background: color(category?.color ?? 'category-7') }} />
                  <i style={{ width: `${((row.count - row.online) / most) * 100}%`, background: color('stale') }} />
                </span>
                <b className="tq-num">{number(row.count)}</b>
                <small className="tq-num">{t('insight.online_of', { n: number(row.online) })}</small>
              </Link>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Regions({ data, region }: { data: Overview; region: string | null }): JSX.Element | null {
  const { data: regions = [] } = useRegions()
  if (!data.regions.length) return null
  const regionOf = (code: string): (typeof regions)[number] | undefined => regions.find((item) => item.code === code)
  // Movers in a region but in none of those below it (at sea, say) come last, under one name.
  const ordered = [...data.regions].sort((a, b) => Number(!regionOf(a.region)) - Number(!regionOf(b.region)))
  return (
    <section>
      <h2>{t('insight.by_region')}</h2>
      <table className="tq-grid">
        <thead>
          <tr>
            <th scope="col">{t('region.title')}</th>
            <th scope="col">{t('insight.all')}</th>
            <th scope="col">{t('insight.online')}</th>
            <th scope="col">{t('insight.stale')}</th>
            <th scope="col">{t('insight.alarm')}</th>
            <th scope="col">{t('insight.incidents_short')}</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((row) => {
            const found = regionOf(row.region)
            if (!found) {
              return (
                <tr key={row.region}>
                  <th scope="row" title={t('insight.elsewhere_how')}>
                    {t('insight.elsewhere')}
                  </th>
                  {[row.count, row.online, row.stale, row.alarm, row.incidents ?? 0].map((value, i) => (
                    <td key={i}>{number(value)}</td>
                  ))}
                </tr>
              )
            }
            const rows = (patch: Patch, value: number): JSX.Element => (
              <td>
                <Link to={ROWS} patch={{ region: row.region, ...patch }} aria-label={t('insight.rows_of', { n: number(value), region: both(found.name) })}>
                  {number(value)}
                </Link>
              </td>
            )
            return (
              <tr key={row.region}>
                <th scope="row">
                  {row.region !== region ? (
                    <button type="button" className="tq-linklike" onClick={() => chooseRegion(found)} title={t('insight.go_in')}>
                      {both(found.name)} ›
                    </button>
                  ) : (
                    both(found.name)
                  )}
                </th>
                {rows({}, row.count)}
                {rows({ 'f.state': 'online' }, row.online)}
                {rows({ 'f.state': 2 }, row.stale)}
                {rows({ 'f.alarm': 1 }, row.alarm)}
                <td>
                  <Link to={INCIDENTS} patch={{ region: row.region }} aria-label={t('insight.incidents_of', { n: number(row.incidents ?? 0), region: both(found.name) })}>
                    {number(row.incidents ?? 0)}
                  </Link>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}
