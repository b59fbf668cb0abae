/** Speed over time with the alarms on it; a click goes to that moment. */
import { LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use, type EChartsType } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef, type JSX } from 'react'
import type { TrackColumns } from '../api/types'
import { GAP_MS } from '../map/trackMath'
import { setMoment } from '../state/clock'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { dateTime } from '../text/format'
import { color, mode } from '../theme/theme'
import { FONT } from '../theme/tokens'

use([LineChart, ScatterChart, GridComponent, TooltipComponent, MarkLineComponent, CanvasRenderer])

export default function SpeedChart({ track, at_ms }: { track: TrackColumns; at_ms: number }): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const theme = useStore(mode)
  useEffect(() => {
    const made = init(box.current!)
    chart.current = made
    const watch = new ResizeObserver(() => made.resize())
    watch.observe(box.current!)
    made.getZr().on('click', (event) => {
      const [time] = made.convertFromPixel('grid', [event.offsetX, event.offsetY])
      if (Number.isFinite(time)) setMoment(time)
    })
    return () => {
      watch.disconnect()
      made.dispose()
    }
  }, [])
  useEffect(() => {
    const line: [number, number | null][] = []
    const alarms: [number, number][] = []
    track.time_ms.forEach((time, i) => {
      if (i && time - track.time_ms[i - 1] > GAP_MS) line.push([track.time_ms[i - 1] + 1, null])
      if (!track.flags[i]) line.push([time, track.speed_kmh[i]])
      if (track.alarm[i]) alarms.push([time, track.speed_kmh[i]])
    })
    const ink = color('ink-3')
    const short = track.time_ms[track.time_ms.length - 1] - track.time_ms[0] < 20 * 60_000
    chart.current?.setOption({
      animation: false,
      textStyle: { fontFamily: FONT, fontSize: 12 },
      grid: { left: 44, right: 16, top: 22, bottom: 22 },
      tooltip: { trigger: 'axis', valueFormatter: (value: number) => `${Math.round(value)} km/h`, axisPointer: { label: { show: false } }, backgroundColor: color('surface'), borderColor: color('line'), textStyle: { color: color('ink'), fontSize: 12 } },
      xAxis: { type: 'time', axisLabel: { color: ink, formatter: (value: number) => dateTime(value).slice(11, short ? 19 : 16), hideOverlap: true }, axisLine: { lineStyle: { color: color('line') } } },
      yAxis: { type: 'value', name: 'km/h', nameTextStyle: { color: ink, align: 'right' }, nameGap: 8, axisLabel: { color: ink }, splitLine: { lineStyle: { color: color('line') } }, splitNumber: 3 },
      series: [
        { id: 'speed', name: t('track.speed'), type: 'line', data: line, showSymbol: false, sampling: 'lttb', lineStyle: { width: 1.5, color: color('accent') }, itemStyle: { color: color('accent') }, areaStyle: { color: color('accent'), opacity: 0.12 } },
        { id: 'alarms', name: t('track.alarm'), type: 'scatter', data: alarms, symbol: 'emptyCircle', symbolSize: 8, itemStyle: { color: color('alarm') }, tooltip: { show: false } },
      ],
    })
  }, [track, theme])
  useEffect(() => {
    chart.current?.setOption({
      series: [{ id: 'speed', markLine: { symbol: 'none', silent: true, animation: false, label: { show: false }, lineStyle: { color: color('ink'), type: 'solid', width: 1.5 }, data: [{ xAxis: at_ms }] } }],
    })
  }, [at_ms, theme])
  return <div className="tq-chart" ref={box} role="img" aria-label={t('track.chart')} />
}
