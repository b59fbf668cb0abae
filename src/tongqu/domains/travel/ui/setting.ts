/** Where a page of travel is shown: in the frame, on the public page, or in a widget within another site's page. */
import { createContext, use } from 'react'
import { stopUrn } from './journeys'
import type { Patch } from '@web/kit'

export type Setting = 'frame' | 'public' | 'widget'
export const SettingContext = createContext<Setting>('frame')
export const useSetting = (): Setting => use(SettingContext)

/** The way to the board of a stop; a widget has none. */
export function boardLink(setting: Setting, feed: string | undefined, stop: string | undefined): { to?: string; patch: Patch } | null {
  if (!feed || !stop || setting === 'widget') return null
  return setting === 'frame' ? { patch: { sel: stopUrn(feed, stop), tab: null } } : { to: '/public/travel/board', patch: { stop: `${feed}:${stop}` } }
}

/** An address that opens an itinerary for everybody, signed in or not. */
export const shareAddress = (itinerary: string): string => `${location.origin}/public/travel/planner?j=${itinerary}`
