/** Places with a weight (people, jobs, beds) from a table that somebody pastes or picks: longitude, latitude, weight. */

export type Weighted = [number, number, number]

export interface Read {
  points: Weighted[]
  /** Numbers of the lines that are no place, from 1. */
  wrong: number[]
}

export const MOST = 20_000

/** Lines of `lon,lat[,weight]`, by comma, semicolon, tab or blank; a first line of words is a heading. */
export function readPoints(text: string): Read {
  const points: Weighted[] = []
  const wrong: number[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const cells = line.trim().split(/[,;\t\s]+/).filter(Boolean)
    if (!cells.length) continue
    const [lon, lat, weight = 1] = cells.slice(0, 3).map(Number)
    const good = cells.length > 1 && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 && weight >= 0 && Number.isFinite(weight)
    if (good) points.push([lon, lat, weight])
    else if (index || cells.some((cell) => Number.isFinite(Number(cell)))) wrong.push(index + 1)
  }
  return { points, wrong }
}
