/** What the marks mean and how many of each are in view; a click hides or shows a category or a state. */
import { useEffect, useRef, type JSX } from 'react'
import { useCategories } from '../api/queries'
import { counts } from '../live/link'
import { STATES } from '../live/movers'
import { clock } from '../state/clock'
import { patch, useParam } from '../state/address'
import { useStore } from '../state/store'
import { both, t } from '../text/catalogue'
import { number, shortTime, zonedTime } from '../text/format'
import { color, mode } from '../theme/theme'
import { LayerLegend } from './LayerLegend'
import { useHidden, useLayerChoice } from './choice'
import { legendWidth } from './port'
import { shownTrack } from './shownTrack'
import { SPEED_CLASSES } from './trackMath'

export function Legend(): JSX.Element {
  const { data: categories = [] } = useCategories()
  const { by, total, alarms, at_ms, density } = useStore(counts)
  const live = useStore(clock).moment_ms === null
  const hidden = useHidden()
  const hide = useParam('hide')
  const track = useStore(shownTrack)
  const { layers, shown } = useLayerChoice()
  useStore(mode)
  const card = useRef<HTMLElement>(null)
  useEffect(() => {
    legendWidth.set(card.current?.offsetWidth ?? 0)
    return () => legendWidth.set(0)
  }, [])
  const toggle = (part: string): void => {
    const parts = new Set((hide ?? '').split(',').filter(Boolean))
    if (!parts.delete(part)) parts.add(part)
    patch({ hide: [...parts].join(',') })
  }
  const inCategory = (id: number): number => by[id * STATES] + by[id * STATES + 1] + by[id * STATES + 2]
  const inState = (state: number): number => {
    let sum = 0
    for (let i = state; i < by.length; i += STATES) sum += by[i]
    return sum
  }
  return (
    <section ref={card} className="tq-card tq-legend" aria-label={t('map.legend')}>
      <h2>
        {t('map.in_view', { n: number(total) })}
        <small className={live ? 'tq-num' : 'tq-num is-past'} title={`${live ? '' : t('time.moment')} ${zonedTime(at_ms)}`.trim()}>
          {at_ms ? shortTime(at_ms) : ''}
        </small>
      </h2>
      {density ? (
        <p className="tq-legend-density">
          <i aria-hidden="true" /> {t('map.density')}
        </p>
      ) : (
        <>
          <ul>
            {[...categories, { id: 0, code: '', label: t('mover.no_category'), color: 'category-7' }]
              .filter((category) => inCategory(category.id) || hidden.categories.has(category.id))
              .map((category) => (
                <li key={category.id}>
                  <button type="button" aria-pressed={!hidden.categories.has(category.id)} onClick={() => toggle(String(category.id))}>
                    <Mark state={0} fill={color(category.color)} />
                    <span>{both(category.label)}</span>
                    <b className="tq-num">{number(inCategory(category.id))}</b>
                  </button>
                </li>
              ))}
          </ul>
          <ul>
            {[0, 1, 2].map((state) => (
              <li key={state}>
                <button type="button" aria-pressed={!hidden.states.has(state)} onClick={() => toggle(`s${state}`)}>
                  <Mark state={state} fill={state === 2 ? color('stale') : color('ink-2')} />
                  <span>{t(`mover.state_${state}`)}</span>
                  <b className="tq-num">{number(inState(state))}</b>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="tq-legend-alarm">
        <Mark state={3} fill={color('alarm')} />
        <span>{t('alarm.device')}</span>
        <b className="tq-num">{number(alarms)}</b>
      </p>
      {track && <SpeedLegend />}
      {layers
        .filter((layer) => shown.has(layer.id) && layer.legend?.length)
        .map((layer) => (
          <LayerLegend key={layer.id} layer={layer} />
        ))}
    </section>
  )
}

export function SpeedLegend(): JSX.Element {
  return (
    <div className="tq-speeds" role="img" aria-label={t('track.speed_legend')}>
      <span className="tq-small">{t('track.speed')} km/h</span>
      <ol>
        {SPEED_CLASSES.map((edge, i) => (
          <li key={edge}>
            <i style={{ background: `var(--speed-${i})` }} />
            <span className="tq-num">{i === SPEED_CLASSES.length - 1 ? `≥${edge}` : edge}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** The same shapes as on the map: arrow, square, ring, and the ring of an alarm. */
export function Mark({ state, fill }: { state: number; fill: string }): JSX.Element {
  return (
    <svg viewBox="-12 -12 24 24" width="16" height="16" aria-hidden="true">
      {state === 0 && <path d="M0-9 6 8 0 4-6 8z" fill={fill} />}
      {state === 1 && <rect x="-5.5" y="-5.5" width="11" height="11" fill={fill} />}
      {state === 2 && <circle r="6" fill="none" stroke={fill} strokeWidth="3.5" />}
      {state === 3 && <circle r="9" fill="none" stroke={fill} strokeWidth="3" />}
    </svg>
  )
}
