/** Draws charts with ECharts in the colours of the theme. It is heavy and comes lazily: use `TimeChart` of the kit. */
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import { AriaComponent, BrushComponent, GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use, type EChartsType } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef, type JSX } from 'react'
import { useStore } from '../../state/store'
import { dateTime, number, zonedTime } from '../../text/format'
import { color, mode } from '../../theme/theme'
import { FONT } from '../../theme/tokens'
import { extent, tick, type ChartProps, type Line } from './values'

use([LineChart, BarChart, ScatterChart, CustomChart, GridComponent, LegendComponent, TooltipComponent, MarkLineComponent, MarkAreaComponent, BrushComponent, AriaComponent, CanvasRenderer])

type Option = Record<string, unknown>

/** Colours of what stands around the data. */
export function surroundings(): Option {
  return {
    animation: false,
    textStyle: { fontFamily: FONT, fontSize: 12, color: color('ink-2') },
    tooltip: { trigger: 'axis', confine: true, backgroundColor: color('surface'), borderColor: color('line'), textStyle: { color: color('ink'), fontSize: 12 }, axisPointer: { label: { show: false }, lineStyle: { color: color('line-strong') } } },
  }
}

/** A box that an option of ECharts is drawn in, following the size of its place. */
export function useChart(option: () => Option, deps: unknown[], wire?: (chart: EChartsType) => void, drawn?: (chart: EChartsType) => void): { current: HTMLDivElement | null } {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const theme = useStore(mode)
  useEffect(() => {
    const made = init(box.current!)
    chart.current = made
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(box.current!)
    wire?.(made)
    return () => {
      watch.disconnect()
      made.dispose()
    }
  }, [])
  useEffect(() => {
    if (!chart.current) return
    chart.current.setOption(option(), { notMerge: true })
    drawn?.(chart.current)
  }, [...deps, theme])
  return box
}

const CYCLE = ['category-2', 'category-3', 'category-4', 'category-1', 'category-9', 'category-8', 'category-5', 'category-10']

function drawn(line: Line, index: number, stacked: boolean): Option {
  const paint = color(line.color ?? CYCLE[index % CYCLE.length])
  const base = { id: line.id, name: line.name, data: line.points, itemStyle: { color: paint } }
  if (line.kind === 'bar') return { ...base, type: 'bar', stack: stacked ? 'all' : undefined, barMaxWidth: 28, large: line.points.length > 2000 }
  if (line.kind === 'dots') return { ...base, type: 'scatter', symbolSize: 5 }
  return { ...base, type: 'line', step: line.kind === 'step' ? 'end' : false, showSymbol: line.points.length < 2, sampling: 'lttb', connectNulls: false, lineStyle: { width: 1.8, color: paint, type: line.dashed ? 'dashed' : 'solid' } }
}

/** Low edge without ink, then the difference as an area upon it. */
function banded(band: NonNullable<ChartProps['band']>): Option[] {
  const paint = color(band.color ?? 'category-2')
  const plain = { type: 'line', stack: 'band', stackStrategy: 'all', symbol: 'none', lineStyle: { width: 0 }, silent: true }
  return [
    { ...plain, id: 'band-low', name: `${band.name} `, data: band.points.map(([at, low]) => [at, low]), tooltip: { show: false } },
    { ...plain, id: 'band', name: band.name, data: band.points.map(([at, low, high]) => [at, high - low]), areaStyle: { color: paint, opacity: 0.18 }, itemStyle: { color: paint } },
  ]
}

interface Pointed {
  seriesId?: string
  seriesName?: string
  marker?: string
  value: [number, number | null]
}

function told(props: ChartProps, points: Pointed[]): string {
  if (!points.length) return ''
  const at = points[0].value[0]
  const unit = props.unit ? ` ${props.unit}` : ''
  const inBand = props.band?.points.find(([time]) => time === at)
  const rows = points
    .filter((point) => !point.seriesId?.startsWith('band'))
    .map((point) => `<tr><td>${point.marker ?? ''}${escaped(point.seriesName ?? '')}</td><td style="text-align:right;padding-left:12px;font-variant-numeric:tabular-nums">${number(point.value[1], props.digits ?? 0)}${escaped(unit)}</td></tr>`)
  if (inBand) rows.push(`<tr><td>${escaped(props.band!.name)}</td><td style="text-align:right;padding-left:12px">${number(inBand[1], props.digits ?? 0)}–${number(inBand[2], props.digits ?? 0)}${escaped(unit)}</td></tr>`)
  return `<div title="${zonedTime(at)}">${dateTime(at)}</div><table>${rows.join('')}</table>`
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)

function optionOf(props: ChartProps): Option {
  const { lines, band, baseline, limits = [], marks = [], unit, at_ms, stacked = false } = props
  const [low, high] = extent(props)
  const ink = color('ink-3')
  const names = [...lines, ...(baseline ? [baseline] : []), ...(band ? [band] : [])].map((line) => line.name)
  const legend = names.length > 1
  const upright = [
    ...limits.map((limit) => ({ yAxis: limit.value, lineStyle: { color: color(limit.color ?? 'bad'), type: 'dashed', width: 1.2 }, label: { formatter: limit.name, position: 'insideEndTop', color: color(limit.color ?? 'bad'), fontSize: 12 } })),
    ...marks.map((mark) => ({ xAxis: mark.at_ms, lineStyle: { color: color(mark.color ?? 'ink-3'), type: 'dotted', width: 1.2 }, label: { formatter: mark.text, position: 'end', color: color('ink-2'), fontSize: 12 } })),
    ...(at_ms && at_ms >= low && at_ms <= high ? [{ xAxis: at_ms, lineStyle: { color: color('ink'), type: 'solid', width: 1.5 }, label: { show: false } }] : []),
  ]
  const series = [...(band ? banded(band) : []), ...(baseline ? [{ ...drawn({ color: 'ink-3', dashed: true, ...baseline }, 0, false), z: 1 }] : []), ...lines.map((line, i) => drawn(line, i, stacked))]
  const bearer = series[series.length - 1]
  if (bearer && upright.length) bearer.markLine = { symbol: 'none', silent: true, animation: false, data: upright }
  return {
    ...surroundings(),
    tooltip: { ...(surroundings().tooltip as object), formatter: (points: Pointed[]) => told(props, points) },
    legend: { show: legend, data: names, top: 0, left: 40, right: 8, type: 'scroll', icon: 'roundRect', itemWidth: 12, itemHeight: 6, textStyle: { color: color('ink-2'), fontSize: 12 }, inactiveColor: color('line-strong'), pageTextStyle: { color: ink } },
    grid: { left: 8, right: 16, top: legend ? 40 : 26, bottom: 6, containLabel: true },
    xAxis: { type: 'time', min: props.from_ms, max: props.to_ms, axisLabel: { color: ink, formatter: (value: number) => tick(dateTime(value), high - low), hideOverlap: true }, axisLine: { lineStyle: { color: color('line-strong') } }, axisTick: { show: false } },
    yAxis: { type: 'value', name: unit, nameGap: 8, nameTextStyle: { color: ink, align: 'left' }, axisLabel: { color: ink, formatter: (value: number) => (Math.abs(value) >= 1 || value === 0 ? value.toLocaleString() : String(Number(value.toPrecision(3)))) }, splitLine: { lineStyle: { color: color('line') } }, splitNumber: 4, scale: props.fromZero === false },
    ...(props.onRange ? { brush: { toolbox: [], xAxisIndex: 0, brushType: 'lineX', brushMode: 'single', transformable: false, brushStyle: { color: `${color('accent')}33`, borderColor: color('accent') } } } : {}),
    series,
  }
}

export default function Drawing(props: ChartProps): JSX.Element {
  const latest = useRef(props)
  latest.current = props
  const { lines, band, baseline, limits, marks, at_ms, from_ms, to_ms, unit, stacked } = props
  const box = useChart(
    () => optionOf(latest.current),
    [lines, band, baseline, limits, marks, at_ms, from_ms, to_ms, unit, stacked],
    (chart) => {
      chart.getZr().on('click', (event) => {
        if (!latest.current.onTime || !chart.containPixel('grid', [event.offsetX, event.offsetY])) return
        const [at] = chart.convertFromPixel('grid', [event.offsetX, event.offsetY])
        if (Number.isFinite(at)) latest.current.onTime(at)
      })
      chart.on('brushEnd', (event) => {
        const [area] = (event as { areas?: { coordRange?: [number, number] }[] }).areas ?? []
        if (area?.coordRange) latest.current.onRange?.(area.coordRange[0], area.coordRange[1])
        chart.dispatchAction({ type: 'brush', areas: [] })
      })
    },
    (chart) => latest.current.onRange && chart.dispatchAction({ type: 'takeGlobalCursor', key: 'brush', brushOption: { brushType: 'lineX', brushMode: 'single' } }),
  )
  return <div ref={box} className="tq-time-chart" style={{ height: props.height ?? 220 }} role="img" aria-label={props.label} />
}
