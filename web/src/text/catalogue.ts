/**
 * User-visible text: `web/src/locale/{zh,en}.json` for the frame and `domains/<id>/locale/{zh,en}.json` for each
 * domain, where the page reads what stands under "ui". A key is a dotted path: `frame.search`, `equipment.terminals`.
 */
import { useSyncExternalStore } from 'react'
import { kept } from '../state/kept'

export type Language = 'zh' | 'en'
export type Bilingual = { zh: string; en: string }
export type Params = Record<string, string | number>
type Tree = { [name: string]: string | Tree }

const frame = import.meta.glob<Tree>('../locale/*.json', { import: 'default' })
const domains = import.meta.glob<Tree>('../../../src/tongqu/domains/*/locale/*.json', { import: 'ui' })

let catalogue = new Map<string, string>()
let current: Language = 'zh'
const listeners = new Set<() => void>()

function flatten(tree: Tree | undefined, path: string, out: Map<string, string>): void {
  for (const [name, child] of Object.entries(tree ?? {})) {
    const key = path ? `${path}.${name}` : name
    if (typeof child === 'string') out.set(key, child)
    else flatten(child, key, out)
  }
}

/** The language of the address of the moment: what was chosen before, else the browser's, else Chinese. */
export function preferredLanguage(): Language {
  const asked = new URLSearchParams(location.search).get('lang')
  if (asked === 'zh' || asked === 'en') return asked
  const stored = kept.get('language')
  if (stored === 'zh' || stored === 'en') return stored
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh'
}

/** Load the catalogues of one language and make it the page's. */
export async function loadCatalogue(language: Language): Promise<void> {
  const next = new Map<string, string>()
  const own = Object.entries(frame).find(([path]) => path.endsWith(`/${language}.json`))
  if (own) flatten(await own[1](), '', next)
  await Promise.all(
    Object.entries(domains).map(async ([path, load]) => {
      const [, domain, file] = /domains\/([^/]+)\/locale\/(\w+)\.json$/.exec(path) ?? []
      if (domain && file === language) flatten(await load().catch(() => undefined), domain, next)
    }),
  )
  catalogue = next
  current = language
  kept.set('language', language)
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  for (const listener of listeners) listener()
}

export const language = (): Language => current

/** The text of a key, its `{name}` places filled; the key itself where no catalogue knows it. */
export function t(key: string, params?: Params): string {
  const text = catalogue.get(key) ?? key
  return params ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole)) : text
}

/** Whether the catalogue knows the key. */
export const knows = (key: string): boolean => catalogue.has(key)

/** The current language's half of a text that the server sends in both. */
export function both(value: Bilingual | string | null | undefined): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : value[current] || value.zh || value.en || ''
}

/** The current language; the component renders again when it changes. */
export function useLanguage(): Language {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
