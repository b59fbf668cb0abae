import { UserOutlined } from '@ant-design/icons'
import { Button, Dropdown, type MenuProps } from 'antd'
import type { JSX } from 'react'
import { logout } from '../api/queries'
import { disconnect } from '../live/link'
import { useStore } from '../state/store'
import { both, t } from '../text/catalogue'
import { applyLayout, applyTheme, layout, mode } from '../theme/theme'
import { useActor } from './session'

/** Who is logged in, for which organisation and region; theme, jobs, the way out. */
export function PersonMenu({ compact = false, onJobs }: { compact?: boolean; onJobs?: () => void }): JSX.Element {
  const session = useActor()
  const dark = useStore(mode) === 'dark'
  const wall = useStore(layout) === 'wall'
  const organisation = typeof session.organisation === 'string' ? session.organisation : session.organisation?.name
  const roles = session.roles.map((role) => (typeof role === 'string' ? role : both(role.title) || role.id)).join(', ')
  const menu: MenuProps = {
    items: [
      {
        key: 'who',
        type: 'group',
        label: (
          <div className="tq-person">
            <strong>{session.person.name}</strong>
            <span>{session.person.login}</span>
            {organisation && <span>{organisation}</span>}
            {session.region && <span>{both(session.region.name)}</span>}
            {roles && <span>{roles}</span>}
          </div>
        ),
      },
      { type: 'divider' },
      { key: 'theme', label: t(dark ? 'frame.light' : 'frame.dark') },
      ...(compact ? [] : [{ key: 'layout', label: t(wall ? 'frame.desk' : 'frame.wall') }]),
      ...(onJobs ? [{ key: 'jobs', label: t('jobs.title') }] : []),
      { type: 'divider' },
      { key: 'logout', label: t('login.leave') },
    ],
    onClick: ({ key }) => {
      if (key === 'theme') applyTheme(dark ? 'light' : 'dark')
      if (key === 'layout') applyLayout(wall ? 'desk' : 'wall')
      if (key === 'jobs') onJobs?.()
      if (key === 'logout') {
        disconnect()
        void logout()
      }
    },
  }
  return (
    <Dropdown menu={menu} trigger={['click']} placement="bottomRight">
      <Button type="text" icon={<UserOutlined />} aria-label={t('frame.person', { name: session.person.name })} className="tq-person-button">
        {compact ? null : <span className="tq-cut">{session.person.name}</span>}
      </Button>
    </Dropdown>
  )
}
