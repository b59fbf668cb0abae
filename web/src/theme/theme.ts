/** The theme of the moment: CSS variables on the document, the same colours for antd, maps and charts. */
import type { ThemeConfig } from 'antd'
import { kept } from '../state/kept'
import { store } from '../state/store'
import { FONT, MONO, palettes, type Mode, type Token } from './tokens'

function preferred(): Mode {
  const asked = new URLSearchParams(location.search).get('theme')
  const stored = kept.get('theme')
  return (asked ?? stored) === 'dark' ? 'dark' : 'light'
}

export const mode = store<Mode>(preferred())

/** How the page is laid out: `wall` for a screen that many look at from afar. */
export type Layout = 'desk' | 'wall'

function preferredLayout(): Layout {
  const asked = new URLSearchParams(location.search).get('layout')
  return (asked ?? kept.get('layout')) === 'wall' ? 'wall' : 'desk'
}

export const layout = store<Layout>(preferredLayout())

export function applyLayout(next: Layout = layout.get()): void {
  document.documentElement.dataset.layout = next
  kept.set('layout', next)
  layout.set(next)
}

/** The value of a token; a colour that is none of ours (`#123456`) is taken as it is. */
export function color(token: Token | string): string {
  const palette = palettes[mode.get()] as Record<string, string>
  return palette[token.replace(/^(var:|@|--)/, '')] ?? (token.startsWith('#') ? token : palette['category-7'])
}

/** Red, green, blue and alpha, 0 to 255. */
export function rgba(value: string, alpha = 255): [number, number, number, number] {
  const hex = value.slice(1)
  const n = Number.parseInt(hex.length === 3 ? [...hex].map((c) => c + c).join('') : hex.slice(0, 6), 16)
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255, alpha]
}

export function applyTheme(next: Mode = mode.get()): void {
  const style = document.documentElement.style
  for (const [name, value] of Object.entries(palettes[next])) style.setProperty(`--${name}`, value)
  style.setProperty('--font', FONT)
  style.setProperty('--mono', MONO)
  style.colorScheme = next
  document.documentElement.dataset.theme = next
  kept.set('theme', next)
  mode.set(next)
}

export function antdTheme(now: Mode): ThemeConfig {
  const p = palettes[now]
  return {
    cssVar: { key: 'tq' },
    hashed: false,
    token: {
      colorPrimary: p.accent,
      colorInfo: p.accent,
      colorLink: p.accent,
      colorError: p.bad,
      colorSuccess: p.good,
      colorWarning: p.note,
      colorBgBase: p.surface,
      colorBgContainer: p.surface,
      colorBgElevated: p.surface,
      colorTextBase: p.ink,
      colorTextPlaceholder: p['ink-3'],
      colorTextDescription: p['ink-3'],
      colorTextSecondary: p['ink-2'],
      colorTextTertiary: p['ink-3'],
      colorTextQuaternary: p['ink-3'],
      colorTextDisabled: p['ink-3'],
      colorBorder: p['line-strong'],
      colorBorderSecondary: p.line,
      colorTextLightSolid: p['on-accent'],
      fontFamily: FONT,
      fontFamilyCode: MONO,
      fontSize: 14,
      fontSizeSM: 12,
      borderRadius: 6,
      controlHeight: 32,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
    },
  }
}
