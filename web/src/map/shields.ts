/** Road shields and marks drawn on the spot: no sprite sheet is loaded. Image ids are `shield:<number>`. */
import { FONT } from '../theme/tokens'

// Colours of the number plates of GB 5768.2: national expressways and roads, provincial, county and other roads.
const PLATES: [RegExp, string, string][] = [
  [/^G\d{4}/, '#1d6b45', '#ffffff'],
  [/^G/, '#a63a32', '#ffffff'],
  [/^S/, '#8a6d00', '#ffffff'],
  [/./, '#ffffff', '#2b3a44'],
]

export const isShield = (id: string): boolean => /^shield[:-]./.test(id)

export function shield(id: string, ratio: number): { image: ImageData; pixelRatio: number } {
  const text = id.slice(7)
  const [, ground, ink] = PLATES.find(([pattern]) => pattern.test(text)) ?? PLATES[3]
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')!
  const font = `600 ${11 * ratio}px ${FONT}`
  context.font = font
  const width = Math.ceil(context.measureText(text).width + 8 * ratio)
  const height = Math.ceil(16 * ratio)
  canvas.width = width
  canvas.height = height
  context.beginPath()
  context.roundRect(ratio / 2, ratio / 2, width - ratio, height - ratio, 3 * ratio)
  context.fillStyle = ground
  context.fill()
  context.lineWidth = ratio
  context.strokeStyle = ink === '#ffffff' ? '#ffffff' : '#5d6b75'
  context.stroke()
  context.font = font
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.fillStyle = ink
  context.fillText(text, width / 2, height / 2 + ratio / 2)
  return { image: context.getImageData(0, 0, width, height), pixelRatio: ratio }
}
