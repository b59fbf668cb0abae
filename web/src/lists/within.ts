import type { Region } from '../api/types'

/** A region and all that lies under it, by the tree. */
export function within(code: string, regions: Pick<Region, 'code' | 'parent'>[]): string[] {
  const found = [code]
  for (let i = 0; i < found.length; i += 1) for (const region of regions) if (region.parent === found[i]) found.push(region.code)
  return found
}
