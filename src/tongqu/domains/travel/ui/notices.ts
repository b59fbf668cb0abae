/** Alerts of publishers as the server tells them, and which of their texts a reader is shown. */
import { both, language, t } from '@web/kit'

export interface Alert {
  feed: string
  id: string
  effect: string
  effect_words: { zh: string; en: string }
  severity: 'unknown' | 'info' | 'warning' | 'severe'
  header: Record<string, string>
  description: Record<string, string>
  url: string | null
}

/** The text in the reader's language; else in English, in one without a language, in any. Languages may have regions (`zh-CN`). */
export function chosen(texts: Record<string, string>, wanted: string = language()): string {
  const languages = Object.keys(texts)
  const found = [wanted, 'en', 'und'].flatMap((one) => languages.filter((each) => each.toLowerCase().split('-')[0] === one))[0] ?? languages[0]
  return found === undefined ? '' : texts[found]!
}

/** What an alert does, in a word or two: for a row below the alert itself. */
export const effect = (one: Alert): string => (vague(one) ? t('travel.noticed') : both(one.effect_words))

const vague = (one: Alert): boolean => one.effect === 'unknown_effect' || one.effect === 'other_effect'

/** What is said first: the effect, where it says more than that there is a notice, and the headline. */
export function headline(one: Alert): string {
  const told = chosen(one.header)
  return vague(one) && told ? told : [both(one.effect_words), told].filter(Boolean).join(' · ')
}
