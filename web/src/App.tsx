/** From an address to a view: a page for everybody, or who is asking, then the login or the frame. */
import { QueryClientProvider } from '@tanstack/react-query'
import { ConfigProvider } from 'antd'
import type { Locale } from 'antd/es/locale'
import { lazy, useEffect, useMemo, useState, type JSX } from 'react'
import { unauthenticated } from './api/http'
import { client, useHealth, useMeta, useSession } from './api/queries'
import { Starting } from './frame/Starting'
import { Part } from './parts/boundary'
import { Failure, Skeleton } from './parts/states'
import { usePath } from './state/address'
import { useStore } from './state/store'
import { both, t, useLanguage, type Language } from './text/catalogue'
import { antdTheme, mode } from './theme/theme'

const Login = lazy(() => import('./frame/Login'))
const Frame = lazy(() => import('./frame/Frame'))
const Open = lazy(() => import('./frame/Open'))
/** Opened within another site's page: this document is never anything but a widget. */
const FRAMED = location.pathname.startsWith('/embed/')
const locales: Record<Language, () => Promise<{ default: Locale }>> = {
  zh: () => import('antd/es/locale/zh_CN'),
  en: () => import('antd/es/locale/en_GB'),
}

export function App(): JSX.Element {
  const language = useLanguage()
  const now = useStore(mode)
  const theme = useMemo(() => antdTheme(now), [now])
  const [locale, setLocale] = useState<Locale>()
  useEffect(() => {
    void locales[language]().then((loaded) => setLocale(loaded.default))
  }, [language])
  return (
    <QueryClientProvider client={client}>
      <ConfigProvider theme={theme} locale={locale} button={{ autoInsertSpace: false }} wave={{ disabled: true }}>
        <Gate key={language} />
      </ConfigProvider>
    </QueryClientProvider>
  )
}

function Gate(): JSX.Element {
  const path = usePath()
  useEffect(() => {
    document.title = t('frame.name')
  }, [])
  if (FRAMED || /^\/public(\/|$)/.test(path)) {
    return (
      <Part>
        <Open framed={FRAMED} />
      </Part>
    )
  }
  return <Door />
}

function Door(): JSX.Element {
  const health = useHealth()
  const starting = health.data?.status === 'starting'
  const session = useSession()
  const meta = useMeta()
  const badge = both(meta.data?.badge) || (health.data?.demo ? t('frame.badge') : '')
  useEffect(() => {
    unauthenticated.handle = () => client.setQueryData(['session'], null)
  }, [])
  if (starting || (health.error && session.error)) return <Starting health={health.data} error={health.error} badge={badge} />
  if (session.error) {
    return (
      <main className="tq-alone">
        <Failure error={session.error} again={() => void session.refetch()} />
      </main>
    )
  }
  if (session.data === undefined) {
    return (
      <main className="tq-alone">
        <Skeleton rows={5} />
      </main>
    )
  }
  return <Part>{session.data ? <Frame session={session.data} badge={badge} /> : <Login badge={badge} version={health.data?.version} />}</Part>
}
