/** Journeys door to door: two places, a time, options, and each of them leg by leg. All of it stands in the address. */
import { ArrowLeftOutlined } from '@ant-design/icons'
import { Empty, Failure, language, patch, Skeleton, t, useLanguage, useMap, useOverlay, useParam } from '@web/kit'
import { Button } from 'antd'
import type { Feature, FeatureCollection } from 'geojson'
import { useMemo, useState, type JSX } from 'react'
import { Alternatives } from './Alternatives'
import { Itinerary } from './Itinerary'
import { calledBy, lookOf, useOpened, usePlan, type Asked, type Journey } from './journeys'
import { Options } from './Options'
import { PlanForm } from './PlanForm'
import './planner.css'

export default function PlannerPage(): JSX.Element {
  useLanguage()
  const from = useParam('from') ?? ''
  const to = useParam('to') ?? ''
  const names = { from: calledBy(from, useParam('fn')), to: calledBy(to, useParam('tn')) }
  const at = Number(useParam('at'))
  const asked: Asked = {
    from,
    to,
    way: useParam('way') === 'arrive' ? 'arrive' : 'depart',
    at: at > 0 ? at : null,
    modes: useParam('modes') ?? 'transit,walk,on_demand',
    stepFree: useParam('free') === '1',
    lessWalking: useParam('less') === '1',
    sharedBikes: useParam('bikes') === '1',
    maxWalk: Number(useParam('walk') ?? 15),
    language: language(),
  }
  const chosen = useParam('j')
  const plan = usePlan(asked)
  // while the next answer is on its way, what there is to choose stays
  const [known, setKnown] = useState(false)
  const onDemand = plan.data ? Boolean(plan.data.on_demand) : known
  if (onDemand !== known) setKnown(onDemand)
  const listed = plan.data?.journeys.find((one) => one.id === chosen) ?? null
  const opened = useOpened(chosen && !listed ? chosen : null, 30_000)
  const journey = listed ?? opened.data?.journey ?? null
  const shown = journey ?? plan.data?.journeys[0] ?? null
  useDrawing(shown, plan.data?.from ?? shown?.legs[0].from ?? null, plan.data?.to ?? shown?.legs.at(-1)?.to ?? null)
  const zone = plan.data?.zone ?? 'Asia/Shanghai'
  if (chosen) {
    return (
      <div className="tq-pad tq-scroll tq-planner">
        <Button icon={<ArrowLeftOutlined />} onClick={() => patch({ j: null })}>
          {t('travel.back')}
        </Button>
        {!journey && opened.isPending && <Skeleton rows={5} />}
        {!journey && opened.error && <Failure error={opened.error} again={() => void opened.refetch()} />}
        {!listed && opened.data && opened.data.state !== 'as_planned' && (
          <p className="tq-note" role="status">
            {t(opened.data.state === 'changed' ? 'travel.times_changed' : `travel.${opened.data.state}`)}
          </p>
        )}
        {journey && <Itinerary journey={journey} zone={zone} />}
        {!listed && opened.data && (opened.data.state === 'broken' || opened.data.state === 'gone') && <Alternatives id={chosen} />}
      </div>
    )
  }
  return (
    <div className="tq-pad tq-scroll tq-planner">
      <PlanForm asked={asked} names={names} zone={zone} onDemand={onDemand} />
      {!from || !to ? <Nothing /> : null}
      {plan.isFetching && !plan.data && <Skeleton rows={5} />}
      {plan.error && <Failure error={plan.error} again={() => void plan.refetch()} />}
      {plan.data && <Options plan={plan.data} />}
    </div>
  )
}

function Nothing(): JSX.Element {
  const map = useMap()
  return <Empty title={t('travel.empty')} hint={t(map ? 'travel.empty_hint' : 'travel.empty_hint_no_map')} />
}

function useDrawing(journey: Journey | null, from: { lon: number; lat: number } | null, to: { lon: number; lat: number } | null): void {
  const data = useMemo<FeatureCollection | null>(() => {
    if (!journey || !from || !to) return null
    const features: Feature[] = journey.legs.map((leg) => ({ type: 'Feature', properties: lookOf(leg), geometry: { type: 'LineString', coordinates: leg.line } }))
    for (const leg of journey.legs) {
      if (leg.ride || leg.rental || leg.booking) for (const end of [leg.from, leg.to]) features.push({ type: 'Feature', properties: { color: 'ink', radius: 4, shape: 'ring', label: end.name }, geometry: { type: 'Point', coordinates: [end.lon, end.lat] } })
    }
    for (const [label, end] of [['A', from], ['B', to]] as const) features.push({ type: 'Feature', properties: { color: 'accent', radius: 7, label }, geometry: { type: 'Point', coordinates: [end.lon, end.lat] } })
    return { type: 'FeatureCollection', features }
  }, [journey, from, to])
  useOverlay('travel.journey', data, { fit: journey?.id ?? null })
}
