import { NodeIndexOutlined } from '@ant-design/icons'
import type { Page } from '@web/page'
import { lazy } from 'react'

const OpenData = lazy(() => import('./OpenData'))
const StopDetail = lazy(() => import('./StopDetail'))

/** Integrated travel information: journeys, boards, what is followed, reach, feeds, open data; and what everybody may see. */
export const page: Page = {
  id: 'travel',
  field: 'services',
  order: 10,
  icon: NodeIndexOutlined,
  title: 'travel.name',
  entries: [
    { id: 'planner', title: 'travel.planner', component: lazy(() => import('./Planner')) },
    { id: 'board', title: 'travel.board', component: lazy(() => import('./BoardPage')) },
    { id: 'journeys', title: 'travel.journeys', component: lazy(() => import('./Followed')) },
    { id: 'reach', title: 'travel.reach', permission: 'travel.read', component: lazy(() => import('./Reach')) },
    { id: 'feeds', title: 'travel.feeds', resource: 'travel.feeds' },
    { id: 'open-data', title: 'travel.open_data', component: OpenData },
  ],
  details: { feed: lazy(() => import('./FeedDetail')), stop: StopDetail, place: StopDetail, subscription: lazy(() => import('./SubscriptionDetail')), bike_station: lazy(() => import('./BikeStationDetail')) },
  open: [
    { id: 'planner', title: 'travel.planner', component: lazy(() => import('./PublicPlanner')), widget: lazy(() => import('./Widget')) },
    { id: 'board', title: 'travel.board', component: lazy(() => import('./PublicBoard')) },
    { id: 'open-data', title: 'travel.open_data', component: OpenData },
  ],
}
