import { NodeIndexOutlined } from '@ant-design/icons'
import type { Page } from '@web/page'
import { lazy } from 'react'

/** Integrated travel information: feeds, open data, and journeys. */
export const page: Page = {
  id: 'travel',
  field: 'services',
  order: 10,
  icon: NodeIndexOutlined,
  title: 'travel.name',
  entries: [
    { id: 'planner', title: 'travel.planner', component: lazy(() => import('./Planner')) },
    { id: 'feeds', title: 'travel.feeds', resource: 'travel.feeds' },
    { id: 'open-data', title: 'travel.open_data', component: lazy(() => import('./OpenData')) },
  ],
  details: { feed: lazy(() => import('./FeedDetail')) },
}
