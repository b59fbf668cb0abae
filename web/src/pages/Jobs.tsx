import type { JSX } from 'react'
import { JobList } from '../parts/JobList'

export default function JobsPage(): JSX.Element {
  return (
    <div className="tq-pad tq-scroll" tabIndex={0}>
      <JobList />
    </div>
  )
}
