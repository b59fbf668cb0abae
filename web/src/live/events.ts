/**
 * Streams of server-sent events: one connection per address for all who listen, resumed by `Last-Event-ID`, with the
 * state of the connection and since when it has been so. While the tab is hidden it rests: a browser gives a server
 * six connections in all, and what was missed comes with the resumption.
 */
import { useEffect, useRef } from 'react'
import { apiPath, unauthenticated } from '../api/http'
import { store, useStore, type Store } from '../state/store'
import { EventReader } from './sse'

export interface FeedState {
  /** `absent`: this platform has no such stream, or not for this person. */
  status: 'connecting' | 'live' | 'broken' | 'absent'
  since_ms: number
}

export interface News<T = unknown> {
  type: string
  data: T
  id: string
}

type Listener = (news: News) => void

const RETRY_MS = [1000, 2000, 5000, 10_000, 30_000]
const ABSENT_MS = 300_000
/** Servers say something every 15 s. */
const SILENCE_MS = 45_000
const HIDDEN_MS = 30_000

class Feed {
  readonly state: Store<FeedState> = store<FeedState>({ status: 'connecting', since_ms: Date.now() })
  private readonly listeners = new Set<Listener>()
  private last = ''
  private attempts = 0
  private asked: AbortController | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private resting: ReturnType<typeof setTimeout> | undefined
  private silence: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly path: string) {}

  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    if (this.listeners.size === 1) {
      document.addEventListener('visibilitychange', this.seen)
      this.open()
    }
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size) return
      document.removeEventListener('visibilitychange', this.seen)
      this.close()
      feeds.delete(this.path)
    }
  }

  private readonly seen = (): void => {
    clearTimeout(this.resting)
    if (document.hidden) this.resting = setTimeout(() => this.close(), HIDDEN_MS)
    else if (!this.asked) this.open()
  }

  private close(): void {
    clearTimeout(this.timer)
    clearTimeout(this.silence)
    clearTimeout(this.resting)
    this.asked?.abort()
    this.asked = null
  }

  private say(status: FeedState['status']): void {
    if (this.state.get().status !== status) this.state.set({ status, since_ms: Date.now() })
  }

  private open(): void {
    clearTimeout(this.timer)
    const mine = new AbortController()
    this.asked = mine
    void this.read(mine).then((wait_ms) => {
      if (this.asked !== mine) return
      this.asked = null
      clearTimeout(this.silence)
      if (wait_ms !== null && this.listeners.size) this.timer = setTimeout(() => !document.hidden && this.open(), wait_ms)
    })
  }

  /** Read until the connection ends; how long to wait before the next, or null for never. */
  private async read(mine: AbortController): Promise<number | null> {
    const reader = new EventReader(this.last)
    const alive = (): void => {
      clearTimeout(this.silence)
      this.silence = setTimeout(() => mine.abort(), SILENCE_MS)
    }
    try {
      alive()
      const headers: Record<string, string> = { Accept: 'text/event-stream', ...(this.last ? { 'Last-Event-ID': this.last } : {}) }
      const response = await fetch(apiPath(this.path), { headers, signal: mine.signal, credentials: 'same-origin', cache: 'no-store' })
      if (response.status === 401) {
        unauthenticated.handle()
        return null
      }
      const streams = response.headers.get('Content-Type')?.startsWith('text/event-stream')
      if (!response.ok || !streams || !response.body) {
        void response.body?.cancel()
        if (response.status === 400 || response.status === 422) this.last = ''
        if (response.ok || [403, 404, 405, 501].includes(response.status)) {
          this.say('absent')
          return ABSENT_MS
        }
        return this.broke(reader)
      }
      this.say('live')
      this.attempts = 0
      const text = response.body.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        const { value, done } = await text.read()
        if (done || this.asked !== mine) break
        alive()
        for (const event of reader.take(value)) {
          this.last = event.id
          this.tell(event.type, event.data, event.id)
        }
      }
    } catch {
      // A connection that ends is no fault of the page: it says so and tries again.
    }
    return this.asked === mine ? this.broke(reader) : null
  }

  private broke(reader: EventReader): number {
    this.say('broken')
    const wait_ms = reader.retry_ms ?? RETRY_MS[Math.min(this.attempts, RETRY_MS.length - 1)]
    this.attempts += 1
    return this.attempts > RETRY_MS.length ? RETRY_MS[RETRY_MS.length - 1] : wait_ms
  }

  private tell(type: string, text: string, id: string): void {
    let data: unknown
    try {
      data = JSON.parse(text)
    } catch {
      data = text
    }
    for (const listener of this.listeners) {
      try {
        listener({ type, data, id })
      } catch (error) {
        console.error(`news of ${this.path}`, error)
      }
    }
  }
}

const feeds = new Map<string, Feed>()

function feedOf(path: string): Feed {
  const known = feeds.get(path)
  if (known) return known
  const made = new Feed(path)
  feeds.set(path, made)
  return made
}

/** Follow a stream outside of components; returns how to stop. It tells news: what is there already is for a list. */
export function follow<T>(path: string, take: (news: News<T>) => void): () => void {
  return feedOf(path).listen(take as Listener)
}

const IDLE = store<FeedState>({ status: 'connecting', since_ms: Date.now() })

/**
 * Follow a stream while the component is there.
 *
 * @param path address below `/api/v1/`, or null to wait.
 * @param take called with each event, its data read as JSON.
 * @returns the state of the connection and since when; show it with `<FeedLight>`.
 */
export function useEvents<T = unknown>(path: string | null, take: (news: News<T>) => void): FeedState {
  const latest = useRef(take)
  latest.current = take
  const feed = path === null ? null : feedOf(path)
  useEffect(() => feed?.listen((news) => latest.current(news as News<T>)), [feed])
  return useStore(feed?.state ?? IDLE)
}
