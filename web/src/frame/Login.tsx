/** The door: name and password, the language, and the badge that the data are made up. */
import { Button, Input } from 'antd'
import { lazy, useState, type FormEvent, type JSX } from 'react'
import { ApiError } from '../api/http'
import { login } from '../api/queries'
import { Part } from '../parts/boundary'
import { tell } from '../parts/states'
import { t } from '../text/catalogue'
import { Badge } from './Badge'
import { LanguageButton } from './LanguageButton'

const OpenLinks = lazy(() => import('./OpenLinks'))

export default function Login({ badge, version }: { badge: string; version?: string }): JSX.Element {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const enter = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (!name || !password) {
      setProblem(t('login.missing'))
      return
    }
    setBusy(true)
    setProblem('')
    try {
      await login(name.trim(), password)
    } catch (error) {
      const told = tell(error)
      setProblem(error instanceof ApiError && error.status === 401 && told.text === t('error.input') ? t('login.refused') : told.text)
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className="tq-login">
      <header>
        <Badge text={badge} />
        <LanguageButton />
      </header>
      <main>
        <div className="tq-login-art" aria-hidden="true">
          <Roads />
        </div>
        <form onSubmit={(event) => void enter(event)} aria-labelledby="login-title">
          <h1 id="login-title">{t('frame.name')}</h1>
          <p>{t('frame.claim')}</p>
          <label htmlFor="login-name">{t('login.name')}</label>
          <Input id="login-name" name="username" size="large" autoComplete="username" autoFocus value={name} onChange={(event) => setName(event.target.value)} />
          <label htmlFor="login-password">{t('login.password')}</label>
          <Input.Password id="login-password" name="password" size="large" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
          <p className="tq-login-problem" role="alert">
            {problem}
          </p>
          <Button type="primary" size="large" htmlType="submit" loading={busy} block>
            {t('login.enter')}
          </Button>
          <Part quiet>
            <OpenLinks />
          </Part>
        </form>
      </main>
      <footer>{version ? t('login.version', { version }) : ''}</footer>
    </div>
  )
}

/** Four roads that meet: the name in a picture. */
function Roads(): JSX.Element {
  return (
    <svg viewBox="0 0 600 600" preserveAspectRatio="xMidYMid slice">
      <g fill="none" strokeLinecap="round">
        <path d="M-20 420C120 400 180 300 300 300S500 180 620 170" className="wide" />
        <path d="M250 -20C260 120 300 180 300 300S360 480 350 620" className="wide" />
        <path d="M-20 120C90 150 190 210 300 300S470 430 620 460" className="thin" />
        <path d="M60 620C110 500 210 400 300 300S440 90 560 -20" className="thin" />
        <circle cx="300" cy="300" r="74" className="thin" />
      </g>
    </svg>
  )
}
