/** Numbers, times and sizes as people read them. Times are UTC milliseconds inside and one named zone here. */
import { language, t } from './catalogue'

/** The platform's zone; devices of JT/T 808 report in it too. */
export const ZONE = 'Asia/Shanghai'

const locale = (): string => (language() === 'zh' ? 'zh-CN' : 'en-GB')
const cache = new Map<string, Intl.DateTimeFormat>()

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options)
  let made = cache.get(key)
  if (!made) {
    made = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, hourCycle: 'h23', ...options })
    cache.set(key, made)
  }
  return made
}

function parts(ms: number): Record<string, string> {
  const full = formatter({
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  })
  return Object.fromEntries(full.formatToParts(ms).map((part) => [part.type, part.value]))
}

/** 2026-03-01 08:15:09 in the platform's zone. */
export function dateTime(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '—'
  const p = parts(ms)
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}`
}

/** 08:15:09 today, 03-01 08:15 on another day. */
export function shortTime(ms: number | null | undefined, now = Date.now()): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '—'
  const p = parts(ms)
  const n = parts(now)
  const sameDay = p.year === n.year && p.month === n.month && p.day === n.day
  return sameDay ? `${p.hour}:${p.minute}:${p.second}` : `${p.month}-${p.day} ${p.hour}:${p.minute}`
}

/** The time with its zone and offset, for a tooltip. */
export const zonedTime = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? '' : `${dateTime(ms)} UTC+8 (${ZONE})`

const OFFSET_MS = 8 * 3_600_000 // the zone has had no summer time since 1991

/** Value of an `<input type="datetime-local">` for an instant. */
export const toInput = (ms: number): string => new Date(ms + OFFSET_MS).toISOString().slice(0, 19)

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
  return value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits })
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
