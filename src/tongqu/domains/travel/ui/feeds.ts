/** Shapes of feeds and their versions, and the ways to them. */
import { ApiError, apiPath, get, tagged } from '@web/kit'

export interface Notice {
  code: string
  severity: 'error' | 'warning' | 'info'
  file: string
  field: string
  total: number
  rows: number[]
  samples: Record<string, unknown>[]
  detail: { zh: string; en: string }
}

export interface Figures {
  stops?: number
  stations?: number
  lines?: number
  trips?: number
  calls?: number
  filled_times?: number
  line_km?: number
  day?: string | null
  day_trips?: number
  day_km?: number
  modes?: Record<string, number>
  bounds?: [number, number, number, number] | null
}

export interface Version {
  id: string
  feed: string
  number: number
  state: 'checking' | 'checked' | 'active' | 'refused' | 'superseded' | 'failed'
  name: string
  sha256: string
  size: number
  valid_from: string | null
  valid_to: string | null
  errors: number
  warnings: number
  figures: Figures
  notices?: Notice[]
  difference?: Difference
  reason: string | null
  received_ms: number
  received_by: string
  activated_ms: number | null
  job: string | null
  has_mended: boolean
}

/** What a version changes against the live one; absent parts did not change. */
export interface Difference {
  [part: string]: { added?: string[]; removed?: string[]; changed?: string[]; before?: number; after?: number } | undefined
}

export interface Feed {
  id: string
  urn: string
  code: string
  name: string
  publisher: string | null
  region: string
  condition: string
  licence: string | null
  note: string | null
  realtime: Record<string, string>
  version: string | null
  active: boolean
  open: boolean
  operated: boolean
}

/** A kind of real-time message of a feed, as last heard. */
export interface Told {
  feed: string
  kind: string
  age_s: number | null
  stale: boolean
  entities: number
  skipped: number
  failure: string | null
  notices: { code: string; entity: string; detail: { zh: string; en: string } }[]
}

export const getFeed = (id: string, signal?: AbortSignal): Promise<Feed> => get<Feed>(`travel/feeds/${encodeURIComponent(id)}`, {}, signal)
export const getVersions = async (id: string, signal?: AbortSignal): Promise<Version[]> => (await get<{ items: Version[] }>(`travel/feeds/${encodeURIComponent(id)}/versions`, {}, signal)).items
export const getVersion = (id: string, signal?: AbortSignal): Promise<Version> => get<Version>(`travel/versions/${encodeURIComponent(id)}`, {}, signal)

/** Send a file as a new version; `progress` gets the share that has gone. */
export function sendFile(feed: string, file: File, activate: boolean, progress: (share: number) => void): { done: Promise<Version>; stop: () => void } {
  const request = new XMLHttpRequest()
  const path = `travel/feeds/${encodeURIComponent(feed)}/file`
  const done = new Promise<Version>((resolve, reject) => {
    request.open('PUT', apiPath(path, { name: file.name, activate }))
    request.setRequestHeader('X-Tongqu', '1')
    request.setRequestHeader('Accept', 'application/json')
    request.responseType = 'json'
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total)
    request.onload = () => (request.status < 300 ? resolve(request.response as Version) : reject(new ApiError(request.status, request.response ?? { code: `page.http_${request.status}` }, `PUT ${path}`)))
    request.onerror = () => reject(new ApiError(0, { code: 'page.no_answer' }, `PUT ${path}`))
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'))
    request.send(file)
  })
  return { done, stop: () => request.abort() }
}

/** Act on a version as it is now. */
export async function act(version: string, verb: 'activate' | 'refuse', body: unknown = {}): Promise<void> {
  const { etag } = await tagged('GET', `travel/versions/${encodeURIComponent(version)}`)
  await tagged('POST', `travel/versions/${encodeURIComponent(version)}/${verb}`, { body, etag: etag ?? undefined })
}
