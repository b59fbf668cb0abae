/** The pages there are: the platform's own, and one declaration per domain folder, found by glob. */
import { lazy } from 'react'
import { useQuery } from '@tanstack/react-query'
import { CloudDownloadOutlined, ControlOutlined } from '@ant-design/icons'
import { allowed, useMeta } from '../api/queries'
import type { Meta, Session } from '../api/types'
import type { Entry, FieldId, OpenEntry, Page } from '../page'

export const FIELDS: FieldId[] = ['infrastructure', 'production', 'services', 'governance']

const found = import.meta.glob<Page>('../../../src/tongqu/domains/*/ui/index.tsx', { import: 'page' })

async function loadPages(): Promise<Page[]> {
  const loaded = await Promise.all(
    Object.entries(found).map(async ([path, load]) => {
      try {
        return await load()
      } catch (error) {
        console.error(`the page of ${path} did not load`, error)
        return null
      }
    }),
  )
  return loaded.filter((page): page is Page => Boolean(page?.id)).sort((a, b) => a.order - b.order)
}

/** What the kernel's rooms show; address `/platform/<id>`. */
export const platform: Omit<Page, 'field'> = {
  id: 'platform',
  order: 0,
  icon: ControlOutlined,
  title: 'platform.title',
  entries: [
    { id: 'movers', title: 'platform.movers', component: lazy(() => import('../pages/Movers')) },
    { id: 'alarms', title: 'platform.alarms', permission: 'alarms.read', component: lazy(() => import('../pages/Alarms')), wall: 'right' },
    { id: 'cases', title: 'platform.cases', component: lazy(() => import('../pages/Cases')) },
    { id: 'inbox', title: 'platform.inbox', component: lazy(() => import('../pages/Inbox')) },
    { id: 'layers', title: 'platform.layers', component: lazy(() => import('../pages/Layers')) },
    { id: 'imports', title: 'platform.imports', component: lazy(() => import('../pages/Imports')) },
    { id: 'exports', title: 'platform.exports', permission: 'telemetry.export', component: lazy(() => import('../pages/Exports')) },
    { id: 'jobs', title: 'platform.jobs', component: lazy(() => import('../pages/Jobs')) },
    { id: 'quarantine', title: 'platform.quarantine', permission: 'telemetry.quarantine', component: lazy(() => import('../pages/Quarantine')) },
    { id: 'people', title: 'platform.people', resource: 'identity.people', component: lazy(() => import('../pages/People')) },
    { id: 'grants', title: 'platform.grants', resource: 'identity.grants', component: lazy(() => import('../pages/Grants')) },
    { id: 'roles', title: 'platform.roles', resource: 'identity.roles' },
    { id: 'organisations', title: 'platform.organisations', resource: 'identity.organisations' },
    { id: 'rulebooks', title: 'platform.rulebooks', resource: 'rulebooks.parameters' },
    { id: 'webhooks', title: 'platform.webhooks', resource: 'notify.endpoints' },
    { id: 'tokens', title: 'platform.tokens', resource: 'identity.tokens', component: lazy(() => import('../pages/Tokens')) },
  ],
}

export const PlatformIcon = ControlOutlined
export const DownloadIcon = CloudDownloadOutlined

export interface Pages {
  /** Domain pages whose module the server runs, in order. */
  domains: Page[]
  all: (Page | typeof platform)[]
}

function visible(entry: Entry, meta: Meta, session: Session): boolean {
  const resource = entry.resource ? meta.resources.find((item) => item.id === entry.resource) : undefined
  if (entry.resource && !resource) return false
  return allowed(session, entry.permission) && allowed(session, resource?.permission)
}

/** The pages that this person can open; undefined while they load. */
export function usePages(session: Session): Pages | undefined {
  const { data: meta } = useMeta()
  const { data: pages } = useQuery({ queryKey: ['pages'], queryFn: loadPages, staleTime: Number.POSITIVE_INFINITY })
  if (!meta || !pages) return undefined
  const running = new Set(meta.modules.map((module) => module.id))
  const trim = <P extends Pick<Page, 'entries'>>(page: P): P => ({ ...page, entries: page.entries.filter((entry) => visible(entry, meta, session)) })
  const domains = pages.filter((page) => running.has(page.id)).map(trim)
  const all = [...domains, trim(platform)]
  // For the tests, which look at every page there is.
  if (window.__tongqu) window.__tongqu.pages = all.flatMap((page) => page.entries.map((entry) => `/${page.id}/${entry.id}`))
  return { domains, all }
}

export interface OpenPage {
  page: Page
  entry: OpenEntry
  to: string
}

/** The pages that everybody may see, of the modules that the server runs; undefined while they load. */
export function useOpenPages(): OpenPage[] | undefined {
  const { data: meta } = useMeta()
  const { data: pages } = useQuery({ queryKey: ['pages'], queryFn: loadPages, staleTime: Number.POSITIVE_INFINITY })
  if (!meta || !pages) return undefined
  const running = new Set(meta.modules.map((module) => module.id))
  return pages.filter((page) => running.has(page.id)).flatMap((page) => (page.open ?? []).map((entry) => ({ page, entry, to: `/public/${page.id}/${entry.id}` })))
}

/** The page, entry and rest that a path names. */
export function resolve(pages: Pages, path: string): { page: Pages['all'][number]; entry: Entry } | null {
  const [pageId, entryId] = path.split('/').filter(Boolean)
  if (!pageId) {
    for (const page of pages.domains) {
      const entry = page.entries.find((item) => item.home)
      if (entry) return { page, entry }
    }
    const entry = platform.entries[0]
    return { page: platform, entry }
  }
  const page = pages.all.find((item) => item.id === pageId)
  const entry = page?.entries.find((item) => item.id === entryId) ?? (entryId ? undefined : page?.entries[0])
  return page && entry ? { page, entry } : null
}

/** What stands on a wall screen at one side of the map: of the domains, in the order of their pages; else the platform's own. */
export function wallEntries(pages: Pages, side: 'left' | 'right'): { page: Pages['all'][number]; entry: Entry }[] {
  const of = (some: Pages['all']): { page: Pages['all'][number]; entry: Entry }[] => some.flatMap((page) => page.entries.filter((entry) => entry.wall === side && entry.component).map((entry) => ({ page, entry })))
  const found = of(pages.domains)
  return found.length ? found : of(pages.all)
}
