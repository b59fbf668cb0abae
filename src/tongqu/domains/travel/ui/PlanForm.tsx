/** What is asked of the planner: two places, a time, options. All of it stands in the address. */
import { SwapOutlined } from '@ant-design/icons'
import { param, patch, t } from '@web/kit'
import { Button, Checkbox, Segmented, Select } from 'antd'
import { useState, type JSX } from 'react'
import type { Asked } from './journeys'
import { PlaceInput } from './PlaceInput'
import { WhenInput } from './WhenInput'

const WALKS = [5, 10, 15, 20, 30]
/** A ride on request can be chosen only where a feed has such a service. */
const MODES = ['transit', 'walk', 'cycle', 'drive', 'on_demand']

export function PlanForm({ asked, names, zone, onDemand }: { asked: Asked; names: { from: string; to: string }; zone: string; onDemand: boolean }): JSX.Element {
  const { from, to, way, at, modes, stepFree, lessWalking, sharedBikes, maxWalk } = asked
  const [choosing, setChoosing] = useState<'from' | 'to' | null>(null)
  return (
    <form className="tq-plan-form" onSubmit={(event) => event.preventDefault()}>
      <PlaceInput label={t('travel.from')} mark="A" value={from} name={names.from} choosing={choosing === 'from'} onChoose={(on) => setChoosing(on ? 'from' : null)} onChange={(value, name) => patch({ from: value, fn: name, j: null })} />
      <PlaceInput label={t('travel.to')} mark="B" value={to} name={names.to} choosing={choosing === 'to'} onChoose={(on) => setChoosing(on ? 'to' : null)} onChange={(value, name) => patch({ to: value, tn: name, j: null })} />
      <Button className="tq-plan-swap" icon={<SwapOutlined rotate={90} />} aria-label={t('travel.swap')} title={t('travel.swap')} onClick={() => patch({ from: to, to: from, fn: param('tn'), tn: param('fn'), j: null })} />
      <div className="tq-row">
        <Segmented size="small" value={way} options={[{ value: 'depart', label: t('travel.when_depart') }, { value: 'arrive', label: t('travel.when_arrive') }]} onChange={(value) => patch({ way: value === 'arrive' ? 'arrive' : null })} />
        <WhenInput label={t(way === 'arrive' ? 'travel.when_arrive' : 'travel.when_depart')} at={at} zone={zone} onChange={(value) => patch({ at: value })} />
      </div>
      <div className="tq-row">
        <label className="tq-row">
          <span className="tq-dim tq-small">{t('travel.max_walk')}</span>
          <Select size="small" value={maxWalk} aria-label={t('travel.max_walk')} options={WALKS.map((n) => ({ value: n, label: t('travel.minutes', { n }) }))} onChange={(value) => patch({ walk: value === 15 ? null : value })} />
        </label>
        <Checkbox checked={stepFree} onChange={(event) => patch({ free: event.target.checked ? 1 : null })}>
          {t('travel.step_free')}
        </Checkbox>
        <Checkbox checked={lessWalking} onChange={(event) => patch({ less: event.target.checked ? 1 : null })}>
          {t('travel.less_walking')}
        </Checkbox>
        <Checkbox checked={sharedBikes} onChange={(event) => patch({ bikes: event.target.checked ? 1 : null })}>
          {t('travel.shared_bikes')}
        </Checkbox>
      </div>
      <div className="tq-row" role="group" aria-label={t('travel.modes')}>
        {MODES.filter((mode) => mode !== 'on_demand' || onDemand).map((mode) => {
          const on = modes.split(',').includes(mode)
          const next = on ? modes.split(',').filter((one) => one !== mode) : [...modes.split(','), mode]
          return (
            <Checkbox key={mode} checked={on} disabled={on && !next.some((one) => one !== 'on_demand' || onDemand)} onChange={() => patch({ modes: next.join(',') })}>
              {t(`travel.mode_${mode}`)}
            </Checkbox>
          )
        })}
      </div>
    </form>
  )
}
