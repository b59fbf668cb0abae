/**
 * What a domain's `ui/index.tsx` exports as `page`. The frame finds the files by glob; it imports none by name, and
 * components are given lazily, so that a declaration costs the first view almost nothing.
 */
import type { ComponentType, LazyExoticComponent } from 'react'
import type { CaseDetail } from './api/cases'
import type { MoverDetail } from './api/types'

export type FieldId = 'infrastructure' | 'production' | 'services' | 'governance'
type Lazy<P> = ComponentType<P> | LazyExoticComponent<ComponentType<P>>

/** One page of a domain: its address is `/<domain>/<id>`. */
export interface Entry {
  id: string
  /** Key of its title in the domain's catalogue. */
  title: string
  /** Permission without which the page is not shown. */
  permission?: string
  /** The panel at the left. Absent: the list of `resource`. */
  component?: Lazy<object>
  /** Id of a resource of `meta.resources`; its list and form are derived from the declaration. */
  resource?: string
  /** The frame opens the first entry with `home` at the address `/`. */
  home?: boolean
  /** A wall screen shows it at this side of the map, under its title. */
  wall?: 'left' | 'right'
}

export interface DetailProps {
  urn: string
}

/** A page that everybody may see, signed in or not: its address is `/public/<domain>/<id>`. It asks only routes for everybody. */
export interface OpenEntry {
  id: string
  /** Key of its title in the domain's catalogue. */
  title: string
  component: Lazy<object>
  /** What other sites may show of it in a frame, at `/embed/<domain>/<id>`. */
  widget?: Lazy<object>
}

/** Something that can be done with a mover; it opens as a tab of the mover's detail. */
export interface MoverAction {
  id: string
  title: string
  permission?: string
  applies(mover: MoverDetail): boolean
  component: Lazy<{ mover: MoverDetail }>
}

export interface Page {
  id: string
  field: FieldId
  order: number
  icon: ComponentType
  /** Key of its title in the domain's catalogue. */
  title: string
  entries: Entry[]
  /** What everybody may see. */
  open?: OpenEntry[]
  /** Detail of a thing by the kind in its URN. */
  details?: Record<string, Lazy<DetailProps>>
  actions?: MoverAction[]
  /** What a case of a type shows besides its steps, clocks and history; by the type's id. */
  cases?: Record<string, Lazy<{ urn: string; shown: CaseDetail }>>
  /** Explains the bytes of a raw frame by its id. */
  frame?: Lazy<{ frame: string }>
}
