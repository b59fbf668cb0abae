/** Numbers, times and sizes as people read them. Times are UTC milliseconds inside and one named zone here. */
import { language, t } from './catalogue'

/** The platform's zone; devices of JT/T 808 report in it too. */
export const ZONE = 'Asia/Shanghai'

const locale = (): string => (language() === 'zh' ? 'zh-CN' : 'en-GB')
const OFFSET_MS = 8 * 3_600_000 // the zone has had no summer time since 1991
const numbers = new Map<string, Intl.NumberFormat>()

/** `2026-03-01T08:15:09` on the zone's clocks. Legends write times every second, so no Intl here: it is slow. */
const onClock = (ms: number): string => new Date(ms + OFFSET_MS).toISOString().slice(0, 19)

/** 2026-03-01 08:15:09 in the platform's zone. */
export function dateTime(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !(Math.abs(ms) < 8e15)) return '—'
  return onClock(ms).replace('T', ' ')
}

/** 08:15:09 today, 03-01 08:15 on another day. */
export function shortTime(ms: number | null | undefined, now = Date.now()): string {
  if (ms === null || ms === undefined || !(Math.abs(ms) < 8e15)) return '—'
  const clock = onClock(ms)
  return clock.slice(0, 10) === onClock(now).slice(0, 10) ? clock.slice(11) : `${clock.slice(5, 10)} ${clock.slice(11, 16)}`
}

/** The time with its zone and offset, for a tooltip. */
export const zonedTime = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? '' : `${dateTime(ms)} UTC+8 (${ZONE})`

/** Value of an `<input type="datetime-local">` for an instant. */
export const toInput = onClock

/** The instant of such a value; NaN when it is empty or not a time. */
export const fromInput = (value: string): number => Date.parse(`${value.length === 16 ? `${value}:00` : value}Z`) - OFFSET_MS

/** How long ago, in one unit. */
export function ago(ms: number | null | undefined, now = Date.now()): string {
  if (ms === null || ms === undefined) return '—'
  return t('time.ago', { span: span(now - ms) })
}

/** A duration in its one or two largest units. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  if (s < 60) return t('time.s', { n: s })
  const m = Math.floor(s / 60)
  if (m < 60) return t('time.min', { n: m })
  const h = Math.floor(m / 60)
  if (h < 24) return m % 60 ? t('time.h_min', { h, m: m % 60 }) : t('time.h', { n: h })
  return t('time.d', { n: Math.floor(h / 24) })
}

export function number(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '—'
  const key = `${locale()} ${digits}`
  let format = numbers.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits })
    numbers.set(key, format)
  }
  return format.format(value)
}

export const percent = (value: number, digits = 0): string => `${number(value * 100, digits)}%`

export function bytes(count: number): string {
  if (count < 1024) return `${number(count)} B`
  return count < 1048576 ? `${number(count / 1024, 1)} KB` : `${number(count / 1048576, 1)} MB`
}

/** 112.345678, 28.123456 with letters for the hemispheres. */
export function coordinates(lon: number, lat: number, digits = 5): string {
  return `${Math.abs(lat).toFixed(digits)}°${lat < 0 ? 'S' : 'N'}  ${Math.abs(lon).toFixed(digits)}°${lon < 0 ? 'W' : 'E'}`
}
