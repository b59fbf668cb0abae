import { Button } from 'antd'
import type { JSX } from 'react'
import { patch } from '../state/address'
import { loadCatalogue, t, useLanguage } from '../text/catalogue'

/** Chinese and English, each named in itself. */
export function LanguageButton(): JSX.Element {
  const now = useLanguage()
  const next = now === 'zh' ? 'en' : 'zh'
  return (
    <Button
      type="text"
      title={t('frame.language')}
      lang={next === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => {
        patch({ lang: null }, true)
        void loadCatalogue(next)
      }}
    >
      {t(`language.${next}`)}
    </Button>
  )
}
