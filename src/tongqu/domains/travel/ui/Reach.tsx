/** Reach by public transport from a place: areas on the map, their figures, people or jobs within, for an authority. */
import { DownloadOutlined } from '@ant-design/icons'
import { color, Empty, Failure, number, patch, Skeleton, t, useLanguage, useOverlay, useParam } from '@web/kit'
import { Button, Select } from 'antd'
import { useMemo, useState, type JSX } from 'react'
import { calledBy } from './journeys'
import { PlaceInput } from './PlaceInput'
import { areaLook, areasPath, drawnAreas, useAreas, type Areas, type ReachAsked } from './reach'
import { ReachPlaces } from './ReachPlaces'
import { WhenInput } from './WhenInput'
import './planner.css'
import './reach.css'

const MINUTES = [15, 30, 45, 60, 90]
const WINDOWS = [0, 30, 60, 120]
const PERCENTILES = [25, 50, 75, 90]
const ZONE = 'Asia/Shanghai'

export default function ReachPage(): JSX.Element {
  useLanguage()
  const asked = useAsked()
  const name = calledBy(asked.from, useParam('fn'))
  const [choosing, setChoosing] = useState(false)
  const { data, error, isFetching, refetch } = useAreas(asked)
  const drawn = useMemo(() => (data ? drawnAreas(data, pointOf(asked.from), (n) => t('travel.minutes', { n })) : null), [data, asked.from])
  useOverlay('travel.reach', drawn, { fit: drawn ? `${asked.from} ${asked.mode} ${asked.minutes.join()}` : null })
  const transit = asked.mode === 'transit'
  return (
    <div className="tq-pad tq-scroll tq-planner">
      <form className="tq-plan-form" onSubmit={(event) => event.preventDefault()}>
        <PlaceInput label={t('travel.reach_from')} value={asked.from} name={name} choosing={choosing} onChoose={setChoosing} onChange={(value, label) => patch({ from: value, fn: label })} />
        <label className="tq-field">
          <span className="tq-dim tq-small">{t('travel.modes')}</span>
          <Select value={asked.mode} aria-label={t('travel.modes')} options={['transit', 'walk', 'cycle', 'drive'].map((mode) => ({ value: mode, label: t(`travel.mode_${mode}`) }))} onChange={(mode) => patch({ mode: mode === 'transit' ? null : mode })} />
        </label>
        <label className="tq-field">
          <span className="tq-dim tq-small">{t('travel.reach_minutes')}</span>
          <Select mode="multiple" value={asked.minutes} aria-label={t('travel.reach_minutes')} maxCount={5} options={MINUTES.map((n) => ({ value: n, label: t('travel.minutes', { n }) }))} onChange={(chosen) => patch({ min: chosen.length ? [...chosen].sort((a, b) => a - b).join(',') : null })} />
        </label>
        {transit && <Departures asked={asked} />}
      </form>
      {!asked.from && <Empty title={t('travel.reach_empty')} hint={t('travel.reach_empty_hint')} />}
      {isFetching && !data && <Skeleton rows={4} label={t('travel.reach_computing')} />}
      {error && <Failure error={error} again={() => void refetch()} />}
      {data && <Figures areas={data} asked={asked} />}
      {data && transit && <ReachPlaces asked={asked} />}
    </div>
  )
}

function Departures({ asked }: { asked: ReachAsked }): JSX.Element {
  return (
    <>
      <div className="tq-row">
        <span className="tq-dim tq-small">{t('travel.when_depart')}</span>
        <WhenInput label={t('travel.when_depart')} at={asked.at} zone={ZONE} onChange={(at) => patch({ at })} />
      </div>
      <div className="tq-two">
        <label className="tq-field">
          <span className="tq-dim tq-small">{t('travel.reach_window')}</span>
          <Select value={asked.window} aria-label={t('travel.reach_window')} options={WINDOWS.map((n) => ({ value: n, label: n ? t('travel.reach_window_of', { n }) : t('travel.reach_one') }))} onChange={(window) => patch({ win: window === 60 ? null : window })} />
        </label>
        <label className="tq-field">
          <span className="tq-dim tq-small">{t('travel.reach_percentile')}</span>
          <Select value={asked.percentile} disabled={!asked.window} aria-label={t('travel.reach_percentile')} options={PERCENTILES.map((n) => ({ value: n, label: t('travel.reach_share', { n }) }))} onChange={(share) => patch({ pct: share === 50 ? null : share })} />
        </label>
      </div>
      <p className="tq-help">{asked.window ? t('travel.reach_meaning', { n: asked.percentile, window: asked.window }) : t('travel.reach_meaning_one')}</p>
    </>
  )
}

/** Legend and figures in one: the smallest area first, as it lies uppermost. */
function Figures({ areas, asked }: { areas: Areas; asked: ReachAsked }): JSX.Element {
  const all = areas.features.map((one) => one.properties.minutes)
  const transit = asked.mode === 'transit'
  return (
    <section className="tq-part" aria-label={t('travel.reach')}>
      <table className="tq-reach">
        <thead>
          <tr>
            <th scope="col">{t('travel.reach_within')}</th>
            <th scope="col">{t('travel.reach_area')}</th>
            {transit && <th scope="col">{t('travel.reach_stops')}</th>}
          </tr>
        </thead>
        <tbody>
          {[...areas.features].reverse().map(({ properties }) => (
            <tr key={properties.minutes}>
              <th scope="row">
                <i className={areaLook(properties.minutes, all).dash ? 'is-dashed' : undefined} style={{ '--mark': color(areaLook(properties.minutes, all).color) } as never} aria-hidden="true" />
                {t('travel.minutes', { n: properties.minutes })}
              </th>
              <td className="tq-num">{number(properties.area_km2, 1)}</td>
              {transit && <td className="tq-num">{number(properties.stops)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <Button size="small" icon={<DownloadOutlined />} href={areasPath(asked)} download="isochrones.geojson">
        {t('travel.download_geojson')}
      </Button>
      <p className="tq-help">{t('travel.reach_drawn')}</p>
    </section>
  )
}

function useAsked(): ReachAsked {
  const from = useParam('from') ?? ''
  const minutes = (useParam('min') ?? '30,45,60').split(',').map(Number).filter((n) => n > 0 && n <= 180)
  const mode = useParam('mode') ?? 'transit'
  const at = Number(useParam('at'))
  const window = Number(useParam('win') ?? 60)
  const percentile = Number(useParam('pct') ?? 50)
  return { from, minutes, mode, at: at > 0 ? at : null, window, percentile }
}

function pointOf(written: string): [number, number] | null {
  const [lon, lat] = written.split(',').map(Number)
  return Number.isFinite(lon) && Number.isFinite(lat) ? [lon, lat] : null
}
