/** Region, search, time, alarms, language, person; and the badge. */
import { MenuOutlined } from '@ant-design/icons'
import { Button, Drawer } from 'antd'
import { lazy, Suspense, useEffect, useState, type JSX } from 'react'
import { jobs, isOver } from '../api/jobs'
import { useKey, useNow } from '../parts/hooks'
import { Link } from '../parts/link'
import { usePath } from '../state/address'
import { useStore } from '../state/store'
import { t } from '../text/catalogue'
import { dateTime } from '../text/format'
import { layout } from '../theme/theme'
import { AlarmButton } from './AlarmButton'
import { Badge } from './Badge'
import { LanguageButton } from './LanguageButton'
import { LinkLight } from './LinkLight'
import { PersonMenu } from './PersonMenu'
import { FieldMenu } from './Rail'
import { RegionPath } from './RegionPath'
import { FIELDS, type Pages } from './registry'
import { SearchBox } from './SearchBox'
import { TimeControl } from './TimeControl'

const JobsDrawer = lazy(() => import('./JobsDrawer'))

export function TopBar({ badge, pages, phone }: { badge: string; pages: Pages | undefined; phone: boolean }): JSX.Element {
  const [drawer, setDrawer] = useState(false)
  const running = [...useStore(jobs).values()].filter((job) => !isOver(job)).length
  const wall = useStore(layout) === 'wall'
  useKey(
    (event) => event.key === 'J' && event.shiftKey,
    () => setDrawer(true),
  )
  const jobsButton = (
    <Button type="text" className={running ? 'tq-jobs is-running' : 'tq-jobs'} onClick={() => setDrawer(true)} title={t('jobs.open', { n: running })}>
      {running ? t('jobs.running', { n: running }) : t('jobs.short')}
    </Button>
  )
  return (
    <header className="tq-top">
      {phone ? (
        <>
          <PhoneMenu pages={pages} jobsButton={jobsButton} />
          <Badge text={badge} />
          <span className="tq-grow" />
          <LinkLight compact />
          <SearchBox phone />
          <AlarmButton compact />
          <PersonMenu compact />
        </>
      ) : (
        <>
          <Link to="/" className="tq-brand" title={t('frame.to_start')}>
            {t('frame.short_name')}
          </Link>
          <RegionPath />
          <SearchBox />
          <TimeControl />
          <LinkLight />
          <span className="tq-grow" />
          {wall && <WallClock />}
          <Badge text={badge} />
          {running > 0 && jobsButton}
          <AlarmButton />
          <LanguageButton />
          <PersonMenu onJobs={() => setDrawer(true)} />
        </>
      )}
      <Suspense fallback={null}>{drawer && <JobsDrawer onClose={() => setDrawer(false)} />}</Suspense>
    </header>
  )
}

/** The time of day, readable from afar. */
function WallClock(): JSX.Element {
  const now = dateTime(useNow(1000))
  return (
    <time className="tq-wall-clock tq-num" dateTime={now}>
      <small>{now.slice(0, 10)}</small> {now.slice(11)}
    </time>
  )
}

function PhoneMenu({ pages, jobsButton }: { pages: Pages | undefined; jobsButton: JSX.Element }): JSX.Element {
  const [open, setOpen] = useState(false)
  const path = usePath()
  useEffect(() => setOpen(false), [path])
  return (
    <>
      <Button type="text" icon={<MenuOutlined />} aria-label={t('frame.menu')} aria-expanded={open} onClick={() => setOpen(true)} />
      <Drawer open={open} onClose={() => setOpen(false)} placement="left" size={300} title={t('frame.name')} className="tq-menu" destroyOnHidden>
        <RegionPath />
        <TimeControl />
        {[...FIELDS, 'platform'].map((field) => (
          <div className="tq-menu-field" key={field}>
            <FieldMenu field={field} pages={pages} />
          </div>
        ))}
        <div className="tq-row">
          <Link to="/map">{t('frame.map_only')}</Link>
          {jobsButton}
          <LanguageButton />
        </div>
      </Drawer>
    </>
  )
}
