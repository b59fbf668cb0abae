/** The text of server-sent events, piece by piece, into events (WHATWG HTML 9.2.6). */

export interface ServerEvent {
  type: string
  /** As sent; `Feed` reads it as JSON. */
  data: string
  /** The last id the stream has named, this event's or an earlier one's. */
  id: string
}

export class EventReader {
  /** Wait before the next connection, as the server asked; null when it did not. */
  retry_ms: number | null = null
  private rest = ''
  private type = ''
  private data: string[] = []

  constructor(private id = '') {}

  /** Take a piece of the stream; the events that it completes. */
  take(piece: string): ServerEvent[] {
    this.rest += piece
    const found: ServerEvent[] = []
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.rest)
      if (!end) return found
      const line = this.rest.slice(0, end.index)
      this.rest = this.rest.slice(end.index + end[0].length)
      if (line) this.field(line)
      else this.finish(found)
    }
  }

  private field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') this.data.push(value)
    else if (name === 'event') this.type = value
    else if (name === 'id' && !value.includes('\0')) this.id = value
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry_ms = Number(value)
  }

  private finish(found: ServerEvent[]): void {
    if (this.data.length) found.push({ type: this.type || 'message', data: this.data.join('\n'), id: this.id })
    this.type = ''
    this.data = []
  }
}
