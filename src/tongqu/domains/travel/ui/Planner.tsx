/** Journeys door to door: two places, a time, options, and each of them leg by leg. All of it stands in the address. */
import { ArrowLeftOutlined, CalendarOutlined, LinkOutlined, SwapOutlined } from '@ant-design/icons'
import { Button, Checkbox, Segmented, Select } from 'antd'
import { API, both, Empty, Failure, language, number, patch, Skeleton, t, toast, useLanguage, useOverlay, useParam } from '@web/kit'
import type { Feature, FeatureCollection } from 'geojson'
import { useMemo, useState, type JSX } from 'react'
import { clockOf, lookOf, useOpened, usePlan, type Asked, type Journey, type Leg } from './journeys'
import { PlaceInput } from './PlaceInput'
import './planner.css'

const WALKS = [5, 10, 15, 20, 30]

export default function PlannerPage(): JSX.Element {
  useLanguage()
  const from = useParam('from') ?? ''
  const to = useParam('to') ?? ''
  const fromName = useParam('fn') ?? from
  const toName = useParam('tn') ?? to
  const way = useParam('way') === 'arrive' ? 'arrive' : 'depart'
  const at = useParam('at')
  const stepFree = useParam('free') === '1'
  const maxWalk = Number(useParam('walk') ?? 15)
  const modes = useParam('modes') ?? 'transit,walk'
  const chosen = useParam('j')
  const [choosing, setChoosing] = useState<'from' | 'to' | null>(null)
  const asked: Asked = { from, to, way, at: at ? Number(at) : null, modes, stepFree, maxWalk, language: language() }
  const plan = usePlan(asked)
  const opened = useOpened(chosen && !plan.data?.journeys.some((one) => one.id === chosen) ? chosen : null)
  const journey = plan.data?.journeys.find((one) => one.id === chosen) ?? opened.data?.journey ?? null
  const shown = journey ?? plan.data?.journeys[0] ?? null
  useDrawing(shown, plan.data?.from ?? shown?.legs[0].from ?? null, plan.data?.to ?? shown?.legs.at(-1)?.to ?? null)
  const zone = plan.data?.zone ?? 'Asia/Shanghai'
  if (chosen && (journey || opened.data)) {
    return (
      <div className="tq-pad tq-scroll tq-planner">
        <Button icon={<ArrowLeftOutlined />} onClick={() => patch({ j: null })}>
          {t('travel.back')}
        </Button>
        {opened.data && opened.data.state !== 'as_planned' && <p className="tq-note">{t(`travel.${opened.data.state}`)}</p>}
        {journey && <Detail journey={journey} zone={zone} />}
      </div>
    )
  }
  return (
    <div className="tq-pad tq-scroll tq-planner">
      <form className="tq-plan-form" onSubmit={(event) => event.preventDefault()}>
        <PlaceInput label={t('travel.from')} mark="A" value={from} name={fromName} choosing={choosing === 'from'} onChoose={(on) => setChoosing(on ? 'from' : null)} onChange={(value, name) => patch({ from: value, fn: name, j: null })} />
        <PlaceInput label={t('travel.to')} mark="B" value={to} name={toName} choosing={choosing === 'to'} onChoose={(on) => setChoosing(on ? 'to' : null)} onChange={(value, name) => patch({ to: value, tn: name, j: null })} />
        <Button className="tq-plan-swap" icon={<SwapOutlined rotate={90} />} aria-label={t('travel.swap')} title={t('travel.swap')} onClick={() => patch({ from: to, to: from, fn: toName, tn: fromName, j: null })} />
        <div className="tq-row">
          <Segmented size="small" value={way} options={[{ value: 'depart', label: t('travel.when_depart') }, { value: 'arrive', label: t('travel.when_arrive') }]} onChange={(value) => patch({ way: value === 'arrive' ? 'arrive' : null })} />
          <input
            className="tq-input tq-plan-when"
            type="datetime-local"
            aria-label={t(way === 'arrive' ? 'travel.when_arrive' : 'travel.when_depart')}
            value={at ? local(Number(at), zone) : ''}
            onChange={(event) => patch({ at: event.target.value ? instant(event.target.value, zone) : null })}
          />
          {at && (
            <Button size="small" onClick={() => patch({ at: null })}>
              {t('travel.now')}
            </Button>
          )}
        </div>
        <div className="tq-row">
          <label className="tq-row">
            <span className="tq-dim tq-small">{t('travel.max_walk')}</span>
            <Select size="small" value={maxWalk} aria-label={t('travel.max_walk')} options={WALKS.map((n) => ({ value: n, label: t('travel.minutes', { n }) }))} onChange={(value) => patch({ walk: value === 15 ? null : value })} />
          </label>
          <Checkbox checked={stepFree} onChange={(event) => patch({ free: event.target.checked ? 1 : null })}>
            {t('travel.step_free')}
          </Checkbox>
        </div>
        <div className="tq-row" role="group" aria-label={t('travel.modes')}>
          {['transit', 'walk', 'cycle', 'drive'].map((mode) => {
            const on = modes.split(',').includes(mode)
            const next = on ? modes.split(',').filter((one) => one !== mode) : [...modes.split(','), mode]
            return (
              <Checkbox key={mode} checked={on} disabled={on && next.length === 0} onChange={() => patch({ modes: next.join(',') })}>
                {t(`travel.mode_${mode}`)}
              </Checkbox>
            )
          })}
        </div>
      </form>
      {!from || !to ? <Empty title={t('travel.empty')} hint={t('travel.empty_hint')} /> : null}
      {plan.isFetching && !plan.data && <Skeleton rows={5} />}
      {plan.error && <Failure error={plan.error} again={() => void plan.refetch()} />}
      {plan.data?.reason && (
        <div className="tq-note" role="status">
          <strong>{t('travel.none')}</strong>
          <p>{both(plan.data.reason.detail)}</p>
        </div>
      )}
      {plan.data && plan.data.journeys.length > 0 && (
        <ul className="tq-options" aria-label={t('travel.options')}>
          {plan.data.journeys.map((one) => (
            <li key={one.id}>
              <button type="button" className="tq-option" onClick={() => patch({ j: one.id })}>
                <Summary journey={one} zone={zone} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Summary({ journey, zone }: { journey: Journey; zone: string }): JSX.Element {
  const only = journey.legs.length === 1 ? journey.legs[0].kind : 'ride'
  const how = only === 'walk' ? t('travel.no_ride') : only === 'cycle' ? t('travel.cycling') : only === 'drive' ? t('travel.driving') : journey.transfers ? t('travel.transfers', { n: journey.transfers }) : t('travel.no_transfer')
  return (
    <>
      <span className="tq-spread">
        <b className="tq-num">
          {clockOf(journey.departure_ms, zone)} – {clockOf(journey.arrival_ms, zone)}
        </b>
        <span className="tq-num">{t('travel.minutes', { n: Math.round(journey.duration_s / 60) })}</span>
      </span>
      <span className="tq-row tq-chain">
        {journey.legs.map((leg, index) =>
          leg.ride ? (
            <Line key={index} leg={leg} />
          ) : (
            <small key={index} className="tq-dim tq-num">
              {t(`travel.mode_${leg.kind}`)} {Math.max(1, Math.round(leg.duration_s / 60))}′
            </small>
          ),
        )}
      </span>
      <small className="tq-dim">
        {how}
        {journey.walk_m > 0 && only === 'ride' ? ` · ${t('travel.walked', { m: number(journey.walk_m) })}` : ''}
      </small>
    </>
  )
}

const Line = ({ leg }: { leg: Leg }): JSX.Element => <span className={`tq-line is-${leg.ride?.mode ?? 'bus'}`}>{leg.ride?.line || t(`travel.options.mode.${leg.ride?.mode ?? 'bus'}`)}</span>

function Detail({ journey, zone }: { journey: Journey; zone: string }): JSX.Element {
  const share = (): void => void navigator.clipboard?.writeText(location.href).then(() => toast({ key: 'travel.share', title: t('travel.shared'), tone: 'good' }))
  return (
    <>
      <div className="tq-option is-head">
        <Summary journey={journey} zone={zone} />
      </div>
      {journey.beeline && <p className="tq-help">{t('travel.beeline')}</p>}
      <div className="tq-row">
        <Button size="small" icon={<CalendarOutlined />} href={`${API}/travel/itineraries/${journey.id}/calendar.ics?language=${language()}`} download="journey.ics">
          {t('travel.calendar')}
        </Button>
        <Button size="small" icon={<LinkOutlined />} onClick={share}>
          {t('travel.share')}
        </Button>
      </div>
      <ol className="tq-legs">
        {journey.legs.map((leg, index) => (
          <li key={index} className={`is-${leg.kind}`}>
            {leg.wait_s && leg.wait_s >= 60 ? <small className="tq-dim">{t('travel.wait', { n: Math.round(leg.wait_s / 60) })}</small> : null}
            <p>
              <b className="tq-num">{clockOf(leg.departure_ms, zone)}</b> {both(leg.words)}
            </p>
            {leg.ride && leg.ride.calls.length > 2 && (
              <details>
                <summary>{t('travel.stops_between', { n: leg.ride.calls.length - 2 })}</summary>
                <ol className="tq-calls">
                  {leg.ride.calls.slice(1, -1).map((call, order) => (
                    <li key={order}>
                      <span className="tq-num tq-dim">{clockOf(call.arrival_ms, zone)}</span> {call.name}
                    </li>
                  ))}
                </ol>
              </details>
            )}
            {leg.steps && leg.steps.length > 2 && (
              <details>
                <summary>{t('travel.steps')}</summary>
                <ol className="tq-calls">
                  {leg.steps.map((step, order) => (
                    <li key={order}>
                      {both(step.words)} {step.length_m > 0 && <span className="tq-num tq-dim">{number(step.length_m)} m</span>}
                    </li>
                  ))}
                </ol>
              </details>
            )}
          </li>
        ))}
      </ol>
    </>
  )
}

function useDrawing(journey: Journey | null, from: { lon: number; lat: number } | null, to: { lon: number; lat: number } | null): void {
  const data = useMemo<FeatureCollection | null>(() => {
    if (!journey || !from || !to) return null
    const features: Feature[] = journey.legs.map((leg) => ({ type: 'Feature', properties: lookOf(leg), geometry: { type: 'LineString', coordinates: leg.line } }))
    for (const leg of journey.legs) {
      if (leg.ride) for (const end of [leg.from, leg.to]) features.push({ type: 'Feature', properties: { color: 'ink', radius: 4, shape: 'ring', label: end.name }, geometry: { type: 'Point', coordinates: [end.lon, end.lat] } })
    }
    for (const [label, end] of [['A', from], ['B', to]] as const) features.push({ type: 'Feature', properties: { color: 'accent', radius: 7, label }, geometry: { type: 'Point', coordinates: [end.lon, end.lat] } })
    return { type: 'FeatureCollection', features }
  }, [journey, from, to])
  useOverlay('travel.journey', data, { fit: journey?.id ?? null })
}

/** Minutes that a zone's clocks are ahead of UTC at an instant. */
function ahead(ms: number, zone: string): number {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(ms).map((part) => [part.type, part.value]))
  return (Date.UTC(Number(parts.year), Number(parts.month) - 1, Number(parts.day), Number(parts.hour), Number(parts.minute)) - Math.floor(ms / 60_000) * 60_000) / 60_000
}

const local = (ms: number, zone: string): string => new Date(ms + ahead(ms, zone) * 60_000).toISOString().slice(0, 16)

function instant(value: string, zone: string): number {
  const guess = Date.parse(`${value}:00Z`)
  return guess - ahead(guess, zone) * 60_000
}
