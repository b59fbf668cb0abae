import { DashboardOutlined } from '@ant-design/icons'
import type { Page } from '@web/page'
import { lazy } from 'react'

/** The one map: how many there are, where, and how they do. */
export const page: Page = {
  id: 'insight',
  field: 'governance',
  order: 10,
  icon: DashboardOutlined,
  title: 'insight.name',
  entries: [
    { id: 'overview', title: 'insight.overview', component: lazy(() => import('./Overview')), home: true, wall: 'left' },
    { id: 'indicators', title: 'insight.indicators', component: lazy(() => import('./Indicators')), permission: 'indicators.read' },
  ],
}
