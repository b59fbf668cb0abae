import { DashboardOutlined } from '@ant-design/icons'
import type { Page } from '@web/page'
import { lazy } from 'react'

/** The one map: how many there are, where, and how they do; what has happened, and who sees to it. */
export const page: Page = {
  id: 'insight',
  field: 'governance',
  order: 10,
  icon: DashboardOutlined,
  title: 'insight.name',
  entries: [
    { id: 'overview', title: 'insight.overview', component: lazy(() => import('./Overview')), home: true, wall: 'left' },
    { id: 'incidents', title: 'insight.incidents', permission: 'insight.read', component: lazy(() => import('./Incidents')), wall: 'right' },
    { id: 'shift', title: 'insight.shift', permission: 'insight.read', component: lazy(() => import('./Shift')) },
    { id: 'daily', title: 'insight.daily', permission: 'insight.read', component: lazy(() => import('./Daily')) },
    { id: 'indicators', title: 'insight.indicators', component: lazy(() => import('./Indicators')), permission: 'indicators.read' },
  ],
  cases: { 'insight.incident': lazy(() => import('./Incident')) },
}
