/**
 * What lies along a route, by stake: one row for a kind, bridges and tunnels as bars, all else as marks. The axis is the
 * stake, so a long broken chain shows nothing twice and a short one is a gap; both are drawn as dashed lines.
 */
import { color, number, patch, t } from '@web/kit'
import { useState, type JSX } from 'react'
import { stakeText, type Facility, type Mark } from './api'
import { KINDS } from './kinds'

const WIDTH = 386
const LEFT = 68
const ROW = 22
const TICKS = [1, 2, 5, 10, 20, 50, 100, 200]

export function Strip({ low_m, high_m, items, chains }: { low_m: number; high_m: number; items: Facility[]; chains: Mark[] }): JSX.Element {
  const [seen, setSeen] = useState<Facility | null>(null)
  const kinds = Object.keys(KINDS).filter((kind) => items.some((item) => item.kind === kind))
  const height = kinds.length * ROW + 26
  const range = Math.max(high_m - low_m, 1)
  const x = (metres: number): number => LEFT + ((metres - low_m) / range) * (WIDTH - LEFT - 8)
  const step = (TICKS.find((km) => range / 1000 / km <= 6) ?? 500) * 1000
  const ticks: number[] = []
  for (let at = Math.ceil(low_m / step) * step; at <= high_m; at += step) ticks.push(at)
  return (
    <figure style={{ margin: 0, width: '100%' }}>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} width="100%" role="group" aria-label={t('roads.along')}>
        {ticks.map((at) => (
          <g key={at}>
            <line x1={x(at)} x2={x(at)} y1={0} y2={height - 20} stroke={color('line')} />
            <text x={x(at)} y={height - 5} textAnchor="middle" fontSize={12} fill={color('ink-2')}>
              {`K${at / 1000}`}
            </text>
          </g>
        ))}
        {chains.map((chain) => (
          <line key={chain.along_m} x1={x(chain.ahead_m)} x2={x(chain.ahead_m)} y1={0} y2={height - 20} stroke={color('ink')} strokeDasharray="3 3">
            <title>{`${t(`roads.chain_${chain.chain}`)} ${chain.back} = ${chain.ahead}`}</title>
          </line>
        ))}
        {kinds.map((kind, row) => (
          <g key={kind} transform={`translate(0 ${row * ROW})`}>
            <text x={0} y={15} fontSize={12} fill={color('ink-2')}>
              {t(`roads.facility.${kind}`)}
            </text>
            {items
              .filter((item) => item.kind === kind)
              .map((item) => (
                <Sign key={item.id} item={item} x={x} seen={setSeen} />
              ))}
          </g>
        ))}
      </svg>
      <figcaption className="tq-dim" aria-live="polite">
        {seen ? `${seen.name} · ${seen.stake}${seen.end_stake ? `–${seen.end_stake}` : ''}` : t('roads.along_count', { n: number(items.length) })}
      </figcaption>
    </figure>
  )
}

function Sign({ item, x, seen }: { item: Facility; x: (metres: number) => number; seen: (item: Facility | null) => void }): JSX.Element {
  const from = x(item.stake_m)
  const width = item.end_stake_m === null ? 0 : Math.max(x(item.end_stake_m) - from, 3)
  const fill = color(KINDS[item.kind].color)
  const open = (): void => patch({ sel: item.urn, tab: null })
  return (
    <g
      role="button"
      tabIndex={0}
      aria-label={`${item.name} ${stakeText(item.stake_m)}`}
      style={{ cursor: 'pointer' }}
      onClick={open}
      onKeyDown={(event) => event.key === 'Enter' && open()}
      onPointerEnter={() => seen(item)}
      onPointerLeave={() => seen(null)}
      onFocus={() => seen(item)}
      onBlur={() => seen(null)}
    >
      {width ? <rect x={from} y={7} width={width} height={8} rx={2} fill={fill} /> : <circle cx={from} cy={11} r={3} fill={fill} />}
      <rect x={from - 4} y={2} width={Math.max(width + 8, 8)} height={18} fill="transparent" />
    </g>
  )
}
