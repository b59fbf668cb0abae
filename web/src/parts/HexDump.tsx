/** Bytes in rows of eight with offset and text; bytes can be marked, and say when they are pointed at. */
import { memo, type JSX } from 'react'
import { t } from '../text/catalogue'

const PER_ROW = 8

export const toBytes = (hex: string): number[] => (hex.replace(/[^0-9a-fA-F]/g, '').match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))

interface Props {
  hex: string
  /** Class of a byte by its offset. */
  mark?: (offset: number) => string | undefined
  onPoint?: (offset: number | null) => void
  onChoose?: (offset: number) => void
}

export const HexDump = memo(function HexDump({ hex, mark, onPoint, onChoose }: Props): JSX.Element {
  const bytes = toBytes(hex)
  const rows = Array.from({ length: Math.ceil(bytes.length / PER_ROW) }, (_, i) => bytes.slice(i * PER_ROW, (i + 1) * PER_ROW))
  const offsetOf = (target: EventTarget): number | null => {
    const value = (target as HTMLElement).dataset.at
    return value === undefined ? null : Number(value)
  }
  return (
    <div
      className="tq-hex"
      role="group"
      tabIndex={0}
      aria-label={t('hex.title', { n: bytes.length })}
      onPointerOver={(event) => onPoint?.(offsetOf(event.target))}
      onPointerLeave={() => onPoint?.(null)}
      onClick={(event) => {
        const at = offsetOf(event.target)
        if (at !== null) onChoose?.(at)
      }}
    >
      {rows.map((row, r) => (
        <div key={r} className="tq-hex-row">
          <span className="tq-hex-offset">{(r * PER_ROW).toString(16).padStart(4, '0')}</span>
          {row.map((byte, i) => (
            <span key={i} data-at={r * PER_ROW + i} className={mark?.(r * PER_ROW + i)}>
              {byte.toString(16).padStart(2, '0')}
            </span>
          ))}
          {Array.from({ length: PER_ROW - row.length }, (_, i) => (
            <span key={`e${i}`} />
          ))}
          <span className="tq-hex-text" aria-hidden="true">
            {row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('')}
          </span>
        </div>
      ))}
    </div>
  )
})
