/** One way to the API: JSON in and out, problem+json as an exception, ETags kept beside the value. */
import type { Bilingual } from '../text/catalogue'

export interface Problem {
  code: string
  title?: string | Bilingual
  detail?: Bilingual | string
  field?: string | null
  row?: number | null
  problems?: { code: string; field?: string | null; row?: number | null; detail: Bilingual | string }[]
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly request: string,
  ) {
    super(problem.code)
  }
  get code(): string {
    return this.problem.code
  }
}

export type Query = Record<string, string | number | boolean | string[] | null | undefined>

export interface Options {
  query?: Query
  body?: unknown
  form?: FormData
  /** Bytes as they are. */
  raw?: Blob
  headers?: Record<string, string>
  etag?: string
  idempotencyKey?: string
  signal?: AbortSignal
}

export interface Tagged<T> {
  value: T
  etag: string | null
}

export const API = '/api/v1'

/** Full path of an API address with its query; paths that begin with `/api/` are taken as they are. */
export function apiPath(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) search.append(name, one)
    else if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const base = path.startsWith('/api/') ? path : `${API}/${path}`
  const text = search.toString()
  return text ? `${base}?${text}` : base
}

/** Called when a request is refused for want of a session. */
export const unauthenticated = { handle: (): void => undefined }

export async function tagged<T>(method: string, path: string, options: Options = {}): Promise<Tagged<T>> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  let body: BodyInit | undefined
  if (method !== 'GET') headers['X-Tongqu'] = '1'
  if (options.form) body = options.form
  else if (options.raw) {
    headers['Content-Type'] = 'application/octet-stream'
    body = options.raw
  } else if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    body = JSON.stringify(options.body)
  }
  if (options.etag) headers['If-Match'] = options.etag
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey
  const url = apiPath(path, options.query)
  let response: Response
  try {
    response = await fetch(url, { method, headers, body, signal: options.signal, credentials: 'same-origin' })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiError(0, { code: 'page.no_answer' }, `${method} ${url}`)
  }
  const json = /json/.test(response.headers.get('Content-Type') ?? '')
  const value: unknown = response.status === 204 ? null : json ? await response.json() : await response.text()
  if (response.ok) return { value: value as T, etag: response.headers.get('ETag') }
  const problem = json && value && typeof value === 'object' ? (value as Problem) : { code: `page.http_${response.status}` }
  if (!problem.code) problem.code = `page.http_${response.status}`
  if (response.status === 401 && !path.startsWith('identity/session')) unauthenticated.handle()
  throw new ApiError(response.status, problem, `${method} ${url}`)
}

export const get = async <T,>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  (await tagged<T>('GET', path, { query, signal })).value
export const post = async <T,>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
  (await tagged<T>('POST', path, { ...options, body })).value
export const remove = async <T,>(path: string): Promise<T> => (await tagged<T>('DELETE', path)).value
