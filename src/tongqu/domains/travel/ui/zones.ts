/** Clocks of the timetable's zone, in the two forms that a field for a time needs. */

/** Minutes that a zone's clocks are ahead of UTC at an instant. */
function ahead(ms: number, zone: string): number {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(ms).map((part) => [part.type, part.value]))
  return (Date.UTC(Number(parts.year), Number(parts.month) - 1, Number(parts.day), Number(parts.hour), Number(parts.minute)) - Math.floor(ms / 60_000) * 60_000) / 60_000
}

/** An instant as `2026-03-01T08:15` on the zone's clocks. */
export const local = (ms: number, zone: string): string => new Date(ms + ahead(ms, zone) * 60_000).toISOString().slice(0, 16)

/** The instant of such a text, UTC ms. */
export function instant(value: string, zone: string): number {
  const guess = Date.parse(`${value}:00Z`)
  return guess - ahead(guess, zone) * 60_000
}
